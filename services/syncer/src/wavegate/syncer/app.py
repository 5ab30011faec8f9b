"""Composition root of the syncer: settings → adapters → reconciler → watches, messages, rescans. No logic."""

from contextlib import AsyncExitStack
from uuid import uuid4

from wavegate.contracts.routing import SYNCER
from wavegate.kube import Change, KubeClient, SharedWatches
from wavegate.manifests.identity import JsonObject
from wavegate.runtime.reconcile_loop import ReconcileLoop, Ticket
from wavegate.runtime.service import Service, opened
from wavegate.syncer.adapters.cluster import KubeCluster
from wavegate.syncer.adapters.fence import KubeFence, application_states
from wavegate.syncer.adapters.parallel import LoopParallel
from wavegate.syncer.adapters.records import KubeRecords, findings, following, key_of, sourced_from
from wavegate.syncer.domain.actions import Action
from wavegate.syncer.domain.looking import Observed
from wavegate.syncer.domain.requesting import GRACE
from wavegate.syncer.domain.state import ApplicationState
from wavegate.syncer.handlers import Syncing
from wavegate.syncer.handlers.acting import Actor
from wavegate.syncer.handlers.bundling import BundleShelf
from wavegate.syncer.handlers.observing import Observer
from wavegate.syncer.handlers.offers import Offers
from wavegate.syncer.settings import SyncerSettings

FIELD_MANAGER = f"wavegate-{SYNCER}"

Loop = ReconcileLoop[Observed, ApplicationState, Action]


async def run(settings: SyncerSettings) -> None:
    """Run the syncer until SIGTERM."""
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(opened(SYNCER, settings))
        client = await stack.enter_async_context(KubeClient.connect(settings.kubeconfig, field_manager=FIELD_MANAGER))
        watches = await stack.enter_async_context(SharedWatches(client))
        await Syncer(service, settings, client, watches).run()


class Syncer:
    """The parts of a running syncer, put together."""

    def __init__(self, service: Service, settings: SyncerSettings, client: KubeClient, watches: SharedWatches) -> None:
        self._service = service
        self._control_namespace = settings.namespace
        self._records = KubeRecords(client, watches, settings.namespace)
        cluster = KubeCluster(client, watches, self._touched)
        store = application_states(client, self._records)
        self._observer = Observer(
            records=self._records,
            cluster=cluster,
            shelf=BundleShelf(service.bundles, cluster),
            offers=Offers(service.clock.now),
            holder=uuid4().hex,
            manager=FIELD_MANAGER,
            control_namespace=settings.namespace,
        )
        actor = Actor(self._records, cluster, KubeFence(client, store), LoopParallel())
        self._store = store
        self._loop: Loop = service.reconcile_loop("application", Syncing(self._observer, actor), store)

    async def run(self) -> None:
        """Serve until told to stop."""
        service = self._service
        service.ready_when("watches", self._records.is_synced)
        await self._records.synced()
        await self._store.read_all(self._control_namespace)
        self._records.applications.on_change(self._application_changed)
        self._records.projects.on_change(self._project_changed)
        self._records.repositories.on_change(self._repository_changed)
        service.deliver(self._deliver)
        service.rescan(self._look_at_all)
        self._look_at_all()
        await service.serve()

    def _deliver(self, ticket: Ticket) -> None:
        self._loop.hint(ticket.hint.message.work_key, ticket)

    def _look_at_all(self) -> None:
        for key in self._records.all_keys():
            self._loop.look(key)

    def _touched(self, application: str) -> None:
        """An object of an application changed; its tracking name says which."""
        namespace, mark, name = application.partition("_")
        self._loop.look(f"{namespace}/{name}" if mark else f"{self._control_namespace}/{application}")

    def _application_changed(self, change: Change) -> None:
        if not self._records.is_reporting:
            self._loop.look(key_of(change.object))

    def _project_changed(self, change: Change) -> None:
        for key in following(self._records.applications.items(), str(change.object["metadata"]["name"])):
            self._loop.look(key)

    def _repository_changed(self, change: Change) -> None:
        """Who waits for a tip looks at once; the others a little later, should git-watcher's command for them be lost."""
        if change.previous is not None and findings(change.previous) == findings(change.object):
            return
        waiting = set(self._observer.waiting_for_tips)
        later = self._service.clock.now() + GRACE
        for key in sourced_from(self._records.applications.items(), change.object):
            if key in waiting or _fails(change.object):
                self._loop.look(key)
            else:
                self._loop.look_by(key, later)


def _fails(repository: JsonObject) -> bool:
    state = (repository.get("status") or {}).get("state") or {}
    return bool(state.get("failure")) or any(ref.get("failure") for ref in (state.get("refs") or {}).values())
