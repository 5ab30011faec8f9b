"""A cluster in memory for the analyzer's flows: an API server's rules, Pods that come up when told, a scripted Prometheus."""

import copy
import itertools
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import OutboxEntry, StateConflict, Stored
from wavegate.rollout_analyzer.domain.actions import (
    CreateReplicaSet,
    CreateRun,
    Delete,
    NameTaken,
    Outcome,
    Patch,
    Patched,
    RunCreated,
)
from wavegate.rollout_analyzer.domain.metrics import PrometheusQuery
from wavegate.rollout_analyzer.domain.times import format_time
from wavegate.rollout_analyzer.domain.verdict import MetricValue
from wavegate.rollout_analyzer.handlers.analysis_runs import AnalysisRunReconciler
from wavegate.rollout_analyzer.handlers.rollouts import RolloutReconciler
from wavegate.rollout_analyzer.ports import ConditionFailed, TemplateUnhashable
from wavegate.runtime.memory import MemoryBus, MemoryStateStore, VirtualClock
from wavegate.runtime.reconciliation import Reconciliation

Json = dict[str, Any]
NAMESPACE = "default"
KEY = "default/web"


class Crash(BaseException):
    """The process ended here."""


class FakeCluster:
    """Objects with versions, generations and controllers, as the API server keeps them. Implements the `Cluster` port."""

    def __init__(self, clock: VirtualClock) -> None:
        self.objects: dict[tuple[str, str, str], Json] = {}
        self.clock = clock
        self.versions = itertools.count(1)
        self.uids = itertools.count(1)
        self.writes: list[tuple[str, str, Json]] = []
        self.before_write: Callable[[], None] = lambda: None
        self.kinds_missing: set[str] = set()
        self.secrets: dict[tuple[str, str, str], str] = {}

    def put(self, live: Json) -> Json:
        """What a user does: create or replace an object; a changed spec is a new generation."""
        live = copy.deepcopy(live)
        metadata = live.setdefault("metadata", {})
        metadata.setdefault("namespace", NAMESPACE)
        key = (live["kind"], metadata["namespace"], metadata["name"])
        old = self.objects.get(key)
        known = old["metadata"] if old else {"uid": f"uid-{next(self.uids)}", "generation": 0}
        changed = old is None or old.get("spec") != live.get("spec")
        metadata |= {"uid": known["uid"], "generation": known["generation"] + changed}
        metadata["creationTimestamp"] = known.get("creationTimestamp") or format_time(self.clock.now())
        metadata["resourceVersion"] = str(next(self.versions))
        if old and "status" in old:
            live.setdefault("status", old["status"])
        self.objects[key] = live
        return live

    def edit(self, kind: str, name: str, body: Json, namespace: str = NAMESPACE) -> None:
        """Merge-patch, as a person or kubectl does."""
        live = merged(self.objects[kind, namespace, name], body)
        live["metadata"] |= {"generation": self.objects[kind, namespace, name]["metadata"]["generation"]}
        old = self.objects[kind, namespace, name]
        live["metadata"]["generation"] = old["metadata"]["generation"] + (old.get("spec") != live.get("spec"))
        live["metadata"]["resourceVersion"] = str(next(self.versions))
        self.objects[kind, namespace, name] = live

    def live(self, kind: str, name: str, namespace: str = NAMESPACE) -> Json:
        return self.objects[kind, namespace, name]

    def all(self, kind: str) -> list[Json]:
        return [live for (one, _, _), live in self.objects.items() if one == kind]

    async def get(self, kind: str, namespace: str, name: str) -> Json | None:
        return copy.deepcopy(self.objects.get((kind, namespace, name)))

    async def serves(self, kind: str) -> bool:
        return kind not in self.kinds_missing

    async def owned(self, kind: str, namespace: str, owner_uid: str) -> Sequence[Json]:
        return [
            copy.deepcopy(live)
            for live in self.all(kind)
            if live["metadata"]["namespace"] == namespace
            and any(one.get("uid") == owner_uid for one in live["metadata"].get("ownerReferences", ()))
        ]

    async def names(self, kind: str, namespace: str) -> frozenset[str]:
        return frozenset(name for one, place, name in self.objects if (one, place) == (kind, namespace))

    async def secret_value(self, namespace: str, name: str, key: str) -> str | None:
        return self.secrets.get((namespace, name, key))

    async def perform(self, action: CreateReplicaSet | CreateRun | Patch | Delete) -> tuple[Outcome, ...]:
        self.before_write()
        if isinstance(action, Delete):
            self.objects.pop((action.kind, action.namespace, action.name), None)
            return ()
        if isinstance(action, Patch):
            return self._patch(action)
        return self._create(action)

    def _create(self, action: CreateReplicaSet | CreateRun) -> tuple[Outcome, ...]:
        metadata = action.manifest["metadata"]
        key = (action.manifest["kind"], metadata["namespace"], metadata["name"])
        if key in self.objects:
            if self.objects[key]["metadata"].get("ownerReferences") != metadata["ownerReferences"]:
                return (NameTaken(key[0], key[2]),)
        else:
            self.put(action.manifest)
            self.writes.append((key[0], key[2], action.manifest))
        return (RunCreated(key[2]),) if key[0] == "AnalysisRun" else ()

    def _patch(self, action: Patch) -> tuple[Outcome, ...]:
        live = self.objects.get((action.kind, action.namespace, action.name))
        if live is None or live["metadata"]["resourceVersion"] != action.version:
            raise StateConflict(action.name)
        if action.subresource:
            assert set(action.body) == {"status"}
        else:
            assert "status" not in action.body or action.kind != "Rollout"
        self.edit(action.kind, action.name, action.body, action.namespace)
        self.writes.append((action.kind, action.name, action.body))
        return (Patched(action),)

    def settle_pods(self) -> bool:
        """Bring the Pods of every ReplicaSet to what it wants; those of an image named `stuck` never come up."""
        changed = False
        for live in self.all("ReplicaSet"):
            images = [str(one["image"]) for one in live["spec"]["template"]["spec"]["containers"]]
            count = live["spec"]["replicas"]
            available = 0 if any("stuck" in image for image in images) else count
            status = {
                "replicas": count,
                "readyReplicas": available,
                "availableReplicas": available,
                "observedGeneration": live["metadata"]["generation"],
            }
            if live.get("status") != status:
                live["status"] = status
                live["metadata"]["resourceVersion"] = str(next(self.versions))
                changed = True
        return changed


def key_of(live: Json) -> str:
    return f"{live['metadata']['namespace']}/{live['metadata']['name']}"


def merged(value: Any, patch: Any) -> Any:
    """JSON merge patch (RFC 7386)."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = copy.deepcopy(value) if isinstance(value, dict) else {}
    for key, change in patch.items():
        if change is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), change)
    return result


class FakeHashes:
    """A hash of the template that is short and stable."""

    async def pod_template(self, template: Json, collisions: int | None) -> str:
        try:
            images = "-".join(one["image"].replace(":", "") for one in template["spec"]["containers"])
        except (KeyError, TypeError, AttributeError) as error:
            raise TemplateUnhashable(str(error)) from None
        return images + (f"c{collisions}" if collisions else "")

    async def steps(self, steps: Sequence[Json]) -> str:
        return f"steps-{len(steps)}-{sum(map(ord, repr(steps))) % 9973}"


class FakeExpressions:
    """Conditions as Python reads them, which for those of the tests is as expr does."""

    async def holds(self, condition: str, value: MetricValue) -> bool:
        result: Any = value.numbers[0] if value.scalar and value.numbers else list(value.numbers)
        try:
            return bool(eval(condition, {"__builtins__": {"len": len, "all": all}}, {"result": result}))
        except Exception as error:  # noqa: BLE001 - whatever a condition may raise
            raise ConditionFailed(str(error)) from None


class FakeMetrics:
    """Answers from a script: a function, or a list that is read in order and whose last entry repeats."""

    def __init__(self) -> None:
        self.answer: Callable[[PrometheusQuery], MetricValue] = lambda _: MetricValue((1.0,))
        self.asked: list[PrometheusQuery] = []

    async def query(self, query: PrometheusQuery) -> MetricValue:
        self.asked.append(query)
        return self.answer(query)


class OneByOne:
    """The `Together` port without parallelism."""

    async def run(self, jobs: Iterable[Awaitable[Any]]) -> list[Any]:
        return [await job for job in jobs]


class World:
    """The analyzer's two loops over the fake cluster, in virtual time."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.cluster = FakeCluster(self.clock)
        self.bus = MemoryBus()
        self.store: MemoryStateStore[Any] = MemoryStateStore()
        self.metrics = FakeMetrics()
        self.restart()

    def restart(self) -> None:
        """What a process has in memory is gone; objects and state objects stay."""
        rollouts = RolloutReconciler(self.cluster, FakeHashes())
        runs = AnalysisRunReconciler(self.cluster, self.metrics, FakeExpressions(), OneByOne(), self.clock)
        self.rollouts = Reconciliation(rollouts, self.store, self.bus, self.clock)
        self.runs = Reconciliation(runs, None, self.bus, self.clock)

    async def look(self) -> list[datetime]:
        """Look at every key once; return when they want to be looked at again."""
        wakes = [await self.rollouts.run(key_of(live)) for live in self.cluster.all("Rollout")]
        wakes += [await self.runs.run(key_of(live)) for live in self.cluster.all("AnalysisRun")]
        return [wake for wake in wakes if wake is not None]

    async def quiet(self) -> list[datetime]:
        """Look until nothing changes any more, the Pods following."""
        for _ in range(200):
            before = [live["metadata"]["resourceVersion"] for live in self.cluster.objects.values()]
            wakes = await self.look()
            moved = self.cluster.settle_pods()
            if not moved and before == [live["metadata"]["resourceVersion"] for live in self.cluster.objects.values()]:
                return wakes
        raise AssertionError("the world does not come to rest")

    async def go(self, seconds: float) -> None:
        """Let time pass, waking when asked to."""
        end = self.clock.now().timestamp() + seconds
        for _ in range(5000):
            wakes = await self.quiet()
            next_wake = min((wake.timestamp() for wake in wakes), default=end)
            if next_wake >= end:
                self.clock.advance(max(0.0, end - self.clock.now().timestamp()))
                await self.quiet()
                return
            self.clock.advance(max(0.05, next_wake - self.clock.now().timestamp()))
        raise AssertionError("too many wakes")

    @property
    def weights_set(self) -> list[int]:
        """Every weight that was written to the VirtualService, in order."""
        routes = [body["spec"]["http"][0]["route"] for kind, _, body in self.cluster.writes if kind == "VirtualService"]
        return [one.get("weight", 0) for route in routes for one in route if one["destination"]["host"] == "canary"]

    @property
    def rollout(self) -> Json:
        return self.cluster.live("Rollout", "web")

    @property
    def status(self) -> Json:
        return self.rollout.get("status", {})

    @property
    def phase(self) -> tuple[str, str]:
        return self.status.get("phase", ""), self.status.get("message", "")

    def condition(self, type_: str) -> Json:
        return next((one for one in self.status["conditions"] if one["type"] == type_), {})

    def weight(self) -> int:
        routes = self.cluster.live("VirtualService", "web")["spec"]["http"][0]["route"]
        return next(one.get("weight", 0) for one in routes if one["destination"]["host"] == "canary")

    def selector(self, service: str) -> str:
        return self.cluster.live("Service", service)["spec"]["selector"].get("rollouts-pod-template-hash", "")

    def replicas(self) -> dict[str, int]:
        return {live["metadata"]["name"]: live["spec"]["replicas"] for live in self.cluster.all("ReplicaSet")}

    def events(self, *names: str) -> list[Json]:
        """What was published, in order; each with its name under `event`."""
        return [
            {"event": entry.type.split(".")[-2], **entry.data}
            for entry in self.bus.stored.values()
            if not names or entry.type.split(".")[-2] in names
        ]

    def release(self, image: str) -> None:
        """Commit another image."""
        changed = copy.deepcopy(self.rollout)
        changed["spec"]["template"]["spec"]["containers"][0]["image"] = image
        self.cluster.put(changed)


class CrashingStore:
    """A state store whose process may end right before or after a write."""

    def __init__(self, inner: MemoryStateStore[Any], tick: Callable[[], None]) -> None:
        self.inner, self.tick = inner, tick

    async def read(self, key: str) -> Stored[Any] | None:
        return await self.inner.read(key)

    async def write(self, key: str, state: Any, outbox: tuple[OutboxEntry, ...], version: str | None) -> str:
        self.tick()
        written = await self.inner.write(key, state, outbox, version)
        self.tick()
        return written


class CrashingBus:
    """A bus whose client may end before or after the stream has stored."""

    def __init__(self, inner: MemoryBus, tick: Callable[[], None]) -> None:
        self.inner, self.tick = inner, tick

    async def publish(self, entries: Sequence[OutboxEntry]) -> None:
        self.tick()
        await self.inner.publish(entries)
        self.tick()

    async def repeat(self, entries: Sequence[OutboxEntry]) -> None:
        self.tick()
        await self.inner.repeat(entries)
        self.tick()


def rollout(steps: list[Json], *, routed: bool = True, replicas: int = 4, **canary: Any) -> Json:
    """A Rollout `web` of image `app:1` with Services `stable` and `canary`."""
    strategy: Json = {"steps": steps, "stableService": "stable", "canaryService": "canary", **canary}
    if routed:
        strategy["trafficRouting"] = {"istio": {"virtualService": {"name": "web"}}}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": "web", "namespace": NAMESPACE, "labels": {"team": "a"}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "app", "image": "app:1"}]},
            },
            "strategy": {"canary": strategy},
        },
    }


def service(name: str) -> Json:
    return {"kind": "Service", "metadata": {"name": name}, "spec": {"selector": {"app": "web"}}}


def virtual_service() -> Json:
    route = [{"destination": {"host": "stable"}, "weight": 100}, {"destination": {"host": "canary"}, "weight": 0}]
    return {"kind": "VirtualService", "metadata": {"name": "web"}, "spec": {"http": [{"route": route}]}}


def template(name: str = "good", **metric: Any) -> Json:
    """An AnalysisTemplate: five measurements, 10 s apart, of which two may fail."""
    one = {
        "name": "success",
        "interval": "10s",
        "count": 5,
        "failureLimit": 2,
        "successCondition": "result[0] >= 0.99",
        "provider": {"prometheus": {"query": "up"}},
        **metric,
    }
    return {
        "kind": "AnalysisTemplate",
        "metadata": {"name": name},
        "spec": {"metrics": [{key: value for key, value in one.items() if value is not None}]},
    }


def analysis(name: str = "good", **step: Any) -> Json:
    return {"analysis": {"templates": [{"templateName": name}], **step}}


def unavailable() -> RetryLater:
    return RetryLater(Reason.API_UNAVAILABLE, "down")


async def world_with(steps: list[Json], *templates: Json, routed: bool = True, **options: Any) -> World:
    """A world whose Rollout has been deployed for the first time and is healthy."""
    world = World()
    for live in (service("stable"), service("canary"), *templates):
        world.cluster.put(live)
    if routed:
        world.cluster.put(virtual_service())
    world.cluster.put(rollout(steps, routed=routed, **options))
    await world.go(1)
    return world
