"""An application, a bus, a state store and a cluster, all in memory, with the real reconciler between them."""

import copy
import itertools
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from api_server import MANAGER, ApiServer, Fuse, WatchedCluster

from wavegate.contracts.application import ManifestsRendered, RenderFailed
from wavegate.contracts.bundles import encode
from wavegate.contracts.identity import repository_id
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Hint, OutboxEntry, StateConflict
from wavegate.contracts.references import BundleRef, Commit
from wavegate.contracts.specs import render_digest
from wavegate.manifests.identity import ObjectKey
from wavegate.runtime.memory import MemoryBundleStore, MemoryBus, MemoryStateStore, VirtualClock
from wavegate.runtime.reconciliation import Reconciliation
from wavegate.syncer.domain.state import ApplicationState
from wavegate.syncer.handlers import Syncing
from wavegate.syncer.handlers.acting import Actor
from wavegate.syncer.handlers.bundling import BundleShelf
from wavegate.syncer.handlers.observing import Observer
from wavegate.syncer.handlers.offers import Offers

URL = "https://git.example/team/fraud.git"
KEY = "argocd/fraud"
NAMESPACE = "prod"


def application(**changes: Any) -> dict[str, Any]:
    """An Application with automated sync, prune and self-heal."""
    spec: dict[str, Any] = {
        "project": "default",
        "source": {"repoURL": URL, "path": "deploy", "targetRevision": "main"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": NAMESPACE},
        "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
    }
    spec.update(changes)
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "fraud", "namespace": "argocd", "uid": "app-uid", "resourceVersion": "1"},
        "spec": spec,
    }


def project(**spec: Any) -> dict[str, Any]:
    """The project that permits everything, or what is given."""
    everything = {
        "sourceRepos": ["*"],
        "destinations": [{"server": "*", "namespace": "*"}],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
    }
    return {"metadata": {"name": "default"}, "spec": {**everything, **spec}}


def config_map(name: str, wave: int | None = None, **data: str) -> dict[str, Any]:
    """A ConfigMap, in a wave."""
    metadata: dict[str, Any] = {"name": name}
    if wave is not None:
        metadata["annotations"] = {"argocd.argoproj.io/sync-wave": str(wave)}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def custom(kind: str, name: str, wave: int, **spec: Any) -> dict[str, Any]:
    """A custom resource whose health its conditions tell."""
    return {
        "apiVersion": "example.com/v1",
        "kind": kind,
        "metadata": {"name": name, "annotations": {"argocd.argoproj.io/sync-wave": str(wave)}},
        "spec": spec,
    }


def cm(name: str) -> ObjectKey:
    """The key of a ConfigMap in the destination namespace."""
    return ObjectKey("", "ConfigMap", NAMESPACE, name)


class MemoryRecords:
    """The `Records` port."""

    def __init__(self, fuse: Fuse) -> None:
        self.applications: dict[str, dict[str, Any]] = {}
        self.projects = {"default": project()}
        self.tips: dict[str, dict[str, Any]] = {}
        self.reports: list[dict[str, Any]] = []
        self.failure: dict[str, Any] | None = None
        self._fuse = fuse
        self._versions = itertools.count(2)

    def application(self, key: str) -> dict[str, Any] | None:
        return self.applications.get(key)

    def project(self, name: str) -> dict[str, Any] | None:
        return self.projects.get(name)

    def repository(self, repository: str) -> dict[str, Any] | None:
        if repository != repository_id(URL) or not (self.tips or self.failure):
            return None
        return {"status": {"state": {"url": URL, "refs": self.tips, "failure": self.failure}}}

    async def report(self, key: str, patch: dict[str, Any]) -> None:
        self._fuse.step()
        stored = self.applications.get(key, {}).get("metadata", {}).get("resourceVersion")
        if patch.get("metadata", {}).get("resourceVersion", stored) != stored:
            raise StateConflict(key)
        self.reports.append(patch)
        if key in self.applications:
            self.change(key, patch)

    def change(self, key: str, patch: dict[str, Any]) -> None:
        merged = _merge(copy.deepcopy(self.applications[key]), patch)
        merged["metadata"]["resourceVersion"] = str(next(self._versions))
        self.applications[key] = merged


def _merge(base: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    base = dict(base) if isinstance(base, dict) else {}
    for name, value in patch.items():
        if value is None:
            base.pop(name, None)
        else:
            base[name] = _merge(base.get(name), value)
    return base


class BurningStore:
    """State objects; the process may die before or after each write."""

    def __init__(self, fuse: Fuse) -> None:
        self.inner: MemoryStateStore[ApplicationState] = MemoryStateStore()
        self._fuse = fuse

    async def read(self, key: str) -> Any:
        return self.inner.objects.get(key)

    async def write(
        self, key: str, state: ApplicationState, outbox: tuple[OutboxEntry, ...], version: str | None
    ) -> str:
        self._fuse.step()
        read_back = ApplicationState.model_validate(json.loads(json.dumps(state.to_json())))
        assert read_back == state
        result = await self.inner.write(key, state, outbox, version)
        self._fuse.step()
        return result

    async def current(self, key: str) -> int:
        stored = self.inner.objects.get(key)
        return stored.state.fence if stored and stored.state else 0


class OneByOne:
    """The `Parallel` port, in order."""

    async def each(self, function: Callable[[Any], Awaitable[Any]], items: Sequence[Any], limit: int) -> list[Any]:
        return [await function(item) for item in items]


class World:
    """Everything around one application. `restart` replaces the process; what is stored stays."""

    def __init__(self, **spec: Any) -> None:
        self.fuse = Fuse()
        self.clock = VirtualClock()
        self.server = ApiServer()
        self.records = MemoryRecords(self.fuse)
        self.records.applications[KEY] = application(**spec)
        self.store = BurningStore(self.fuse)
        self.bundles = MemoryBundleStore()
        self.bus = MemoryBus()
        self._processes = itertools.count(1)
        self._messages = itertools.count(1)
        self.due: Any = None
        self.restart()

    def restart(self) -> None:
        self.cluster = WatchedCluster(self.server, self.fuse)
        observer = Observer(
            records=self.records,
            cluster=self.cluster,
            shelf=BundleShelf(self.bundles, self.cluster),
            offers=Offers(self.clock.now),
            holder=f"process-{next(self._processes)}",
            manager=MANAGER,
            control_namespace="argocd",
        )
        syncing = Syncing(observer, Actor(self.records, self.cluster, self.store, OneByOne()))
        self.reconciliation = Reconciliation(syncing, self.store, self.bus, self.clock)

    async def rendered(self, seq: int, sha: str, *objects: dict[str, Any], reason: str = "push") -> Hint:
        """The renderer's message about a commit."""
        bundle = await self.bundles.put(encode(objects))
        return self.message(seq, sha, bundle, reason)

    def message(self, seq: int, sha: str, bundle: BundleRef, reason: str = "push") -> Hint:
        spec = self.records.applications[KEY]["spec"]
        commit = Commit(repository=URL, ref="main", seq=seq, sha=sha)
        message = ManifestsRendered(
            object={"namespace": "argocd", "name": "fraud", "uid": "app-uid"},
            commits=(commit,),
            bundle=bundle,
            objects=1,
            source_types=("Directory",),
            spec_digest=render_digest(spec),
            read_set="r",
            reason=reason,
        )
        return Hint(id=f"message-{next(self._messages)}", message=message, traceparent=None)

    def failed(self, seq: int, sha: str, detail: str) -> Hint:
        commit = Commit(repository=URL, ref="main", seq=seq, sha=sha)
        message = RenderFailed(
            object={"namespace": "argocd", "name": "fraud", "uid": "app-uid"},
            commits=(commit,),
            spec_digest=render_digest(self.records.applications[KEY]["spec"]),
            reason=Reason.HELM_FAILED,
            detail=detail,
        )
        return Hint(id=f"message-{next(self._messages)}", message=message)

    async def look(self, *hints: Hint) -> None:
        self.due = await self.reconciliation.run(KEY, hints)

    async def push(self, seq: int, sha: str, *objects: dict[str, Any]) -> None:
        """A commit arrives, rendered."""
        await self.look(await self.rendered(seq, sha, *objects))

    async def changed(self) -> None:
        """The watch tells of what others wrote."""
        self.cluster.catch_up()
        await self.look()

    async def later(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.look()

    @property
    def status(self) -> dict[str, Any]:
        return self.records.applications[KEY].get("status", {})

    @property
    def state(self) -> ApplicationState:
        return self.store.inner.objects[KEY].state

    def events(self, *names: str) -> list[OutboxEntry]:
        return [entry for entry in self.bus.stored.values() if not names or entry.type.split(".")[-2] in names]

    def told(self) -> list[str]:
        return [entry.type.split(".")[-2] for entry in self.bus.stored.values()]

    def data(self, name: str) -> dict[str, str]:
        return self.server.objects[cm(name)]["data"]
