"""The syncer's reconciler on the real API server, with the bus and the object store in memory."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from wavegate.contracts.application import ManifestsRendered
from wavegate.contracts.bundles import encode
from wavegate.contracts.reconciling import Hint, OutboxEntry
from wavegate.contracts.references import Commit
from wavegate.contracts.specs import render_digest
from wavegate.kube import GroupVersionKind, KubeClient, NotFound, SharedWatches
from wavegate.runtime.clock import SystemClock
from wavegate.runtime.memory import MemoryBundleStore, MemoryBus
from wavegate.runtime.reconciliation import Reconciliation
from wavegate.syncer.adapters.cluster import KubeCluster
from wavegate.syncer.adapters.fence import KubeFence, application_states
from wavegate.syncer.adapters.parallel import LoopParallel
from wavegate.syncer.adapters.records import APPLICATION, KubeRecords
from wavegate.syncer.handlers import Syncing
from wavegate.syncer.handlers.acting import Actor
from wavegate.syncer.handlers.bundling import BundleShelf
from wavegate.syncer.handlers.observing import Observer
from wavegate.syncer.handlers.offers import Offers

sys.path.insert(0, str(Path(__file__).parent))

CONFIG_MAP = GroupVersionKind("", "v1", "ConfigMap")
NAMESPACE = GroupVersionKind("", "v1", "Namespace")
URL = "https://git.example/team/fraud.git"


class CountedRecords(KubeRecords):
    """Counts what is reported."""

    reports = 0

    async def report(self, key: str, patch: dict[str, Any]) -> None:
        self.reports += 1
        await super().report(key, patch)


class Place:
    """One application with a namespace of its own, its reconciler, and a second client for people."""

    def __init__(self, people: KubeClient, syncer: KubeClient, watches: SharedWatches, name: str) -> None:
        self.people, self.name, self.namespace = people, name, name
        self.key = f"argocd/{name}"
        self.bundles, self.bus, self.clock = MemoryBundleStore(), MemoryBus(), SystemClock()
        self.touched: set[str] = set()
        self.records = CountedRecords(syncer, watches, "argocd")
        self.cluster = KubeCluster(syncer, watches, self.touched.add)
        self.store = application_states(syncer, self.records)
        observer = Observer(
            records=self.records,
            cluster=self.cluster,
            shelf=BundleShelf(self.bundles, self.cluster),
            offers=Offers(self.clock.now),
            holder=secrets.token_hex(4),
            manager="wavegate-syncer",
            control_namespace="argocd",
        )
        actor = Actor(self.records, self.cluster, KubeFence(syncer, self.store), LoopParallel())
        self.reconciliation = Reconciliation(Syncing(observer, actor), self.store, self.bus, self.clock)
        self.seq = 0
        self.due: datetime | None = None

    async def application(self, **spec: Any) -> None:
        """Make the Application, and wait until the syncer sees it."""
        given: dict[str, Any] = {
            "project": "default",
            "source": {"repoURL": URL, "path": "deploy", "targetRevision": "main"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": self.namespace},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
        }
        await self.people.create(
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Application",
                "metadata": {"name": self.name, "namespace": "argocd"},
                "spec": {**given, **spec},
            }
        )
        await self.records.synced()
        await self.until(lambda: self.records.application(self.key) is not None)

    async def push(self, *objects: dict[str, Any]) -> str:
        """A commit arrives, rendered; return its id."""
        self.seq += 1
        sha = f"{self.seq:040x}"
        shown = await self.shown()
        message = ManifestsRendered(
            object={"namespace": "argocd", "name": self.name, "uid": shown["metadata"]["uid"]},
            commits=(Commit(repository=URL, ref="main", seq=self.seq, sha=sha),),
            bundle=await self.bundles.put(encode(objects)),
            objects=len(objects),
            source_types=("Directory",),
            spec_digest=render_digest(shown["spec"]),
            read_set="r",
        )
        await self.look(Hint(id=secrets.token_hex(8), message=message))
        return sha

    async def look(self, *hints: Hint) -> None:
        self.due = await self.reconciliation.run(self.key, hints)

    async def is_quiet(self) -> bool:
        """Look once more, and say whether that changed nothing: the API server kept all of what was reported."""
        told, reports = len(self.bus.stored), self.records.reports
        await self.look()
        return (len(self.bus.stored), self.records.reports) == (told, reports)

    async def looks_until(self, condition: Callable[[], Awaitable[bool]], seconds: float = 15.0) -> None:
        """Look whenever the watch tells of a change or the time has come, until something holds."""
        async with asyncio.timeout(seconds):
            while not await condition():
                await self.until(lambda: self.name in self.touched or self._is_due(), seconds)
                self.touched.clear()
                await self.look()

    def _is_due(self) -> bool:
        return self.due is not None and self.clock.now() >= self.due

    async def shown(self) -> dict[str, Any]:
        return await self.people.get(APPLICATION, "argocd", self.name)

    async def status(self) -> dict[str, Any]:
        return (await self.shown()).get("status", {})

    async def live(self, gvk: GroupVersionKind, name: str, namespace: str | None = None) -> dict[str, Any] | None:
        try:
            return await self.people.get(gvk, self.namespace if namespace is None else namespace, name)
        except NotFound:
            return None

    async def until(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)

    def events(self, name: str) -> list[OutboxEntry]:
        return [entry for entry in self.bus.stored.values() if entry.type.split(".")[-2] == name]


@pytest.fixture
async def place(control_plane: Any) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        people = await stack.enter_async_context(
            KubeClient.connect(Path(control_plane.kubeconfig), field_manager="kubectl-edit")
        )
        syncer = await stack.enter_async_context(
            KubeClient.connect(Path(control_plane.kubeconfigs["syncer"]), field_manager="wavegate-syncer")
        )
        watches = await stack.enter_async_context(SharedWatches(syncer))
        name = f"sync-{secrets.token_hex(4)}"
        await people.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        made = Place(people, syncer, watches, name)
        yield made
        if await made.live(APPLICATION, name, "argocd") is not None:
            await people.delete(APPLICATION, "argocd", name)
    await asyncio.sleep(0.1)  # aiohttp ends TLS connections in the background
