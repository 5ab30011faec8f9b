"""Composition root of the notifier."""

from contextlib import AsyncExitStack
from datetime import timedelta

from wavegate.contracts.rollout import RolloutEvent
from wavegate.egress import AddressPolicy, EgressGate
from wavegate.goworker import GoWorkerPool, binary
from wavegate.kube import Change, KubeClient, Selection, SharedWatch, SharedWatches
from wavegate.notifier.adapters.configurations import (
    CONFIG_MAP,
    SECRET,
    KubeConfigurations,
    PreferredConfigurations,
)
from wavegate.notifier.adapters.courier import Channel, GatedCourier
from wavegate.notifier.adapters.languages import GoLanguages
from wavegate.notifier.adapters.ledgers import KubeLedgers
from wavegate.notifier.adapters.objects import APPLICATION, PROJECT, ROLLOUT, KubeObjects, key_of
from wavegate.notifier.adapters.pagerduty_events import PagerDutyEvents
from wavegate.notifier.adapters.pagerduty_incidents import PagerDutyIncidents
from wavegate.notifier.adapters.slack import Slack
from wavegate.notifier.domain.ledger import Ledger
from wavegate.notifier.domain.observation import Delivery, Observation
from wavegate.notifier.handlers import Applications, Rollouts
from wavegate.notifier.settings import NotifierSettings
from wavegate.runtime.reconcile_loop import ReconcileLoop, Ticket
from wavegate.runtime.service import Service, opened

NAME = "notifier"
MESSAGE_FIRST = timedelta(seconds=2)
"""How long a change waits for the message about it, which says what caused it; the change alone is the safety net."""

Loop = ReconcileLoop[Observation, Ledger, Delivery]


class Notifier:
    """The parts of a running notifier, put together."""

    def __init__(
        self, service: Service, settings: NotifierSettings, client: KubeClient, watches: SharedWatches
    ) -> None:
        self._service, self._settings, self._client, self._watches = service, settings, client, watches
        self._projects = watches.watch(PROJECT, Selection(settings.namespace))
        self._application_watch = watches.watch(APPLICATION, Selection(settings.namespace))
        self._rollout_watch = watches.watch(ROLLOUT)
        self._applications = KubeObjects(client, self._application_watch, self._projects)
        self._rollouts = KubeObjects(client, self._rollout_watch)

    async def run(self, languages: GoLanguages, gate: EgressGate) -> None:
        """Serve until told to stop."""
        service, settings = self._service, self._settings
        general = self._configurations(settings.notifications_config_map, settings.notifications_secret, languages)
        own = self._configurations(
            settings.rollout_notifications_config_map, settings.rollout_notifications_secret, languages
        )
        channels: dict[str, Channel] = {
            "slack": Slack(gate),
            "pagerduty": PagerDutyIncidents(gate),
            "pagerdutyv2": PagerDutyEvents(gate),
        }
        courier, clock = GatedCourier(channels, service.clock), service.clock
        ledgers = KubeLedgers(self._client, "application", self._applications.owner)
        applications = service.reconcile_loop(
            "application", Applications(self._applications, general, languages, courier, clock), ledgers
        )
        rollouts = service.reconcile_loop(
            "rollout",
            Rollouts(self._rollouts, PreferredConfigurations(own, general), languages, courier, clock),
            KubeLedgers(self._client, "rollout", self._rollouts.owner),
        )
        self._subscribe(applications, rollouts, (general, own))
        await self._started(general, own)
        await ledgers.load(settings.namespace, self._applications.all_keys())
        self._rescan(applications, rollouts)
        await service.serve()

    def _configurations(self, config_map: str, secret: str, languages: GoLanguages) -> KubeConfigurations:
        def named(name: str) -> Selection:
            return Selection(self._settings.namespace, fields=f"metadata.name={name}")

        return KubeConfigurations(
            self._watches.watch(CONFIG_MAP, named(config_map)), self._watches.watch(SECRET, named(secret)), languages
        )

    async def _started(self, *configurations: KubeConfigurations) -> None:
        """Wait for the first look, so that nothing is judged by a configuration not read yet.

        Not for Rollouts: a cluster need not have that kind.
        """
        for watch in (self._application_watch, self._projects):
            await watch.synced.wait()
        for one in configurations:
            await one.synced()
            await one.refresh()

    def _subscribe(self, applications: Loop, rollouts: Loop, configurations: tuple[KubeConfigurations, ...]) -> None:
        service = self._service
        self._look_on_change(self._application_watch, applications)
        self._look_on_change(self._rollout_watch, rollouts)
        self._projects.on_change(lambda change: self._project_changed(change, applications))
        for one in configurations:
            one.on_change(lambda: self._rescan(applications, rollouts))
            service.run_forever(one.run)
        service.rescan(lambda: self._rescan(applications, rollouts))

        def deliver(ticket: Ticket) -> None:
            message = ticket.hint.message
            loop = rollouts if isinstance(message, RolloutEvent) else applications
            loop.hint(message.work_key, ticket)

        service.deliver(deliver)

    def _look_on_change(self, watch: SharedWatch, loop: Loop) -> None:
        def changed(change: Change) -> None:
            key = key_of(change.object)
            if change.type == "deleted" or change.object["metadata"].get("deletionTimestamp"):
                loop.look(key)
            else:
                loop.look_by(key, self._service.clock.now() + MESSAGE_FIRST)

        watch.on_change(changed)

    def _project_changed(self, change: Change, applications: Loop) -> None:
        for key in self._applications.keys_in_project(change.object["metadata"]["name"]):
            applications.look(key)

    def _rescan(self, applications: Loop, rollouts: Loop) -> None:
        for key in self._applications.all_keys():
            applications.look(key)
        for key in self._rollouts.all_keys():
            rollouts.look(key)


async def run(settings: NotifierSettings) -> None:
    """Run the notifier until SIGTERM."""
    policy = AddressPolicy(allow_loopback=settings.allow_loopback_egress, allow_private=settings.allow_private_egress)
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(opened(NAME, settings))
        client = await stack.enter_async_context(
            KubeClient.connect(settings.kubeconfig, field_manager=f"wavegate-{NAME}")
        )
        watches = await stack.enter_async_context(SharedWatches(client))
        pool = await stack.enter_async_context(GoWorkerPool(binary.locate(), size=settings.go_workers))
        gate = await stack.enter_async_context(EgressGate(policy, ca_file=settings.egress_ca_file))
        await Notifier(service, settings, client, watches).run(GoLanguages(pool), gate)
