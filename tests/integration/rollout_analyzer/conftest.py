"""The analyzer's loops on a real API server under its own identity; Pods are played, Prometheus is a scripted server."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from wavegate.contracts.reconciling import OutboxEntry
from wavegate.egress import AddressPolicy, EgressGate
from wavegate.goworker import GoWorkerPool, binary
from wavegate.kube import AlreadyExists, Conflict, GroupVersionKind, KubeClient, Selection, SharedWatches
from wavegate.kube.watch_cache import Change
from wavegate.rollout_analyzer import app
from wavegate.rollout_analyzer.adapters.cluster import KINDS
from wavegate.rollout_analyzer.adapters.prometheus import PrometheusMetrics
from wavegate.rollout_analyzer.settings import RolloutAnalyzerSettings
from wavegate.runtime.clock import SystemClock
from wavegate.runtime.memory import MemoryBus
from wavegate.runtime.reconcile_loop import ReconcileLoop
from wavegate.runtime.reconciliation import Reconciliation
from wavegate.runtime.settling import NobodyWaits
from wavegate.runtime.telemetry import Telemetry

sys.path.insert(0, str(Path(__file__).parent))
from prometheus_server import FakePrometheus

NAMESPACE = GroupVersionKind("", "v1", "Namespace")
VIRTUAL_SERVICE = GroupVersionKind("networking.istio.io", "v1", "VirtualService")
FREE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


class NoticedBus(MemoryBus):
    """A bus in memory that says when something was stored."""

    def __init__(self) -> None:
        super().__init__()
        self.notice: Callable[[], None] = lambda: None

    async def publish(self, entries: Sequence[OutboxEntry]) -> None:
        await super().publish(entries)
        self.notice()


class FakeService:
    """What the composition root asks of a service: loops, here on a bus in memory."""

    def __init__(self) -> None:
        self.clock = SystemClock()
        self.bus = NoticedBus()
        self.loops: list[Callable[[], Any]] = []

    def reconcile_loop(
        self, name: str, reconciler: Any, store: Any, receipts: Any = None
    ) -> ReconcileLoop[Any, Any, Any]:
        reconciliation = Reconciliation(reconciler, store, self.bus, self.clock, receipts or NobodyWaits())
        loop: ReconcileLoop[Any, Any, Any] = ReconcileLoop(name, reconciliation, Telemetry(name))
        self.loops.append(loop.run)
        return loop

    def rescan(self, rescan: Callable[[], None]) -> None:
        """Nothing: the bus in memory is never wiped."""

    def ready_when(self, part: str, is_ready: Callable[[], bool]) -> None:
        """Nothing: nobody probes."""


class Place:
    """A namespace of the test's own, the running analyzer, and the means to look and to wait."""

    def __init__(self, admin: KubeClient, namespace: str, watches: SharedWatches) -> None:
        self.admin, self.namespace = admin, namespace
        self.prometheus = FakePrometheus()
        self.service = FakeService()
        self.kinds = {**KINDS, "VirtualService": VIRTUAL_SERVICE}
        self._watches = {
            kind: watches.watch(gvk, Selection(namespace))
            for kind, gvk in self.kinds.items()
            if kind != "ClusterAnalysisTemplate"
        }
        self._moved = asyncio.Event()
        self.service.bus.notice = self._moved.set
        for kind, watch in self._watches.items():
            watch.on_change(lambda change, kind=kind: self._changed(kind, change))
        self._pods: set[asyncio.Task[None]] = set()

    def _changed(self, kind: str, change: Change) -> None:
        self._moved.set()
        if kind == "ReplicaSet" and change.type != "deleted":
            task = asyncio.ensure_future(self._bring_up_pods(change.object))
            self._pods.add(task)
            task.add_done_callback(self._pods.discard)

    async def _bring_up_pods(self, live: dict[str, Any]) -> None:
        count, generation = live["spec"]["replicas"], live["metadata"]["generation"]
        status = {
            "replicas": count,
            "readyReplicas": count,
            "availableReplicas": count,
            "observedGeneration": generation,
        }
        if all(live.get("status", {}).get(key, 0) == value for key, value in status.items()):
            return
        body = {"metadata": {"resourceVersion": live["metadata"]["resourceVersion"]}, "status": status}
        try:
            await self.admin.patch(
                KINDS["ReplicaSet"], self.namespace, live["metadata"]["name"], body, subresource="status"
            )
        except Conflict:
            return

    async def istio_served(self) -> None:
        """Wait until the API server serves what was just defined."""
        await asyncio.wait_for(self._watches["VirtualService"].synced.wait(), 30)

    def items(self, kind: str) -> list[dict[str, Any]]:
        return list(self._watches[kind].items())

    def get(self, kind: str, name: str) -> dict[str, Any]:
        return self._watches[kind].get(self.namespace, name) or {}

    async def until(self, holds: Callable[[], Any], seconds: float = 30) -> None:
        """Wait until something holds, looking again whenever an object changes."""
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            pytest.fail(f"never: {self.get('Rollout', 'web').get('status')}, events {self.events()}")

    def events(self) -> list[str]:
        return [entry.type.split(".")[-2] for entry in self.service.bus.stored.values()]

    async def create(self, api_version: str, kind: str, name: str, **fields: Any) -> None:
        metadata = {"name": name, "namespace": self.namespace, **fields.pop("metadata", {})}
        await self.admin.create({"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields})

    async def patch(self, kind: str, name: str, body: dict[str, Any], subresource: str | None = None) -> None:
        await self.admin.patch(self.kinds[kind], self.namespace, name, body, subresource=subresource)


@pytest.fixture
async def place(control_plane: Any) -> AsyncIterator[Place]:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(_goodbyes)
        enter = stack.enter_async_context
        admin = await enter(KubeClient.connect(Path(control_plane.kubeconfig), field_manager="wavegate-test"))
        await _istio(admin)
        namespace = f"rollouts-{secrets.token_hex(4)}"
        await admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        kubeconfig = Path(control_plane.kubeconfigs["rollout-analyzer"])
        client = await enter(KubeClient.connect(kubeconfig, field_manager=app.FIELD_MANAGER))
        place = Place(admin, namespace, await enter(SharedWatches(admin)))
        await place.istio_served()
        server = await enter(await asyncio.start_server(place.prometheus.serve, "127.0.0.1", 0))
        place.prometheus.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        pool = await enter(GoWorkerPool(binary.locate(), size=1))
        gate = await enter(EgressGate(AddressPolicy(allow_loopback=True)))
        metrics = PrometheusMetrics(gate, place.prometheus.url, ())
        watches = await enter(SharedWatches(client))
        app.wire(place.service, RolloutAnalyzerSettings(), client, watches, (pool, metrics))
        tasks = [asyncio.ensure_future(loop()) for loop in place.service.loops]
        try:
            yield place
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _goodbyes() -> None:
    """Give the loop the turns in which closed TLS connections say goodbye; else they count as left open."""
    transports = asyncio.get_running_loop()._transports  # type: ignore[attr-defined]
    for _ in range(500):
        if all(" closed" in repr(one) for one in list(transports.values())):
            return
        await asyncio.sleep(0.01)


async def _istio(admin: KubeClient) -> None:
    """Let the cluster know VirtualServices, as Istio's definition shapes them."""
    version = {"name": "v1", "served": True, "storage": True}
    version["schema"] = {"openAPIV3Schema": {"type": "object", "properties": {"spec": FREE}}}
    names = {"kind": "VirtualService", "listKind": "VirtualServiceList", "plural": "virtualservices"}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "virtualservices.networking.istio.io"},
        "spec": {
            "group": "networking.istio.io",
            "scope": "Namespaced",
            "names": {**names, "singular": "virtualservice"},
            "versions": [version],
        },
    }
    with suppress(AlreadyExists):
        await admin.create(definition)
