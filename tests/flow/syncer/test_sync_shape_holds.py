"""The invariants of architecture §1 and §4 over the syncer, against an adversary.

Messages are duplicated, reordered, delayed and lost; the watch lags; the process dies at any call, or is stopped there and its
write lands later; others edit and delete objects; objects turn healthy when they like. Whatever happens:

* no object of a wave is written before every object of the earlier waves was seen healthy, and pruning comes last;
* an intent never writes after a higher one has written the same object, and the fence never goes down;
* once the trouble ends, the cluster stands exactly as the newest commit says, a revert included, and shows it.
"""

import asyncio
import sys
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

sys.path.insert(0, str(Path(__file__).parent))
from api_server import Crash, owned
from sync_world import World, cm, config_map, custom

from wavegate.contracts.failures import Failure
from wavegate.contracts.reconciling import Hint
from wavegate.manifests.health import HealthStatus, health_of
from wavegate.manifests.identity import JsonObject, ObjectKey, intent_of
from wavegate.manifests.waves import wave_of

CONTENTS = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.sampled_from(["ConfigMap", "Model"]), st.integers(0, 2), st.sampled_from("xyz")
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda entry: entry[0],
)


class Syncs(RuleBasedStateMachine):
    """One application under fire."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.world.server.on_write = self._check_write
        self.hints: list[Hint] = []
        self.newest: Hint | None = None
        self.commits: dict[int, list[tuple[str, str, int, str]]] = {}
        self.seq = 0
        self.fence = 0
        self.late: list[Any] = []
        self.disturbed: set[ObjectKey] = set()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run(work)

    def _check_write(self, verb: str, key: ObjectKey, obj: JsonObject) -> None:
        server = self.world.server
        old = server.objects.get(key)
        if verb in {"apply", "mark"}:
            assert old is None or intent_of(obj) >= intent_of(old), "an older intent wrote over a newer one"
            self._check_waves(key, obj)
            self.disturbed.discard(key)
        if verb == "apply" and key.kind == "Model":
            obj["status"] = {"observedGeneration": obj["metadata"]["generation"] - 1}

    def _check_waves(self, key: ObjectKey, obj: JsonObject) -> None:
        """Only while a whole sync runs: healing writes single objects of any wave.

        What others disturb after its wave was done does not hold up later waves, as with Argo CD; it is healed afterwards.
        """
        stored = self.world.store.inner.objects.get("argocd/fraud")
        operation = stored.state.operation if stored and stored.state else None
        if operation is None or operation.heal is not None or operation.intent != intent_of(obj):
            return
        seq = stored.state.intent.commits[0].seq
        for name, kind, wave, value in self.commits[seq]:
            if wave >= wave_of(obj) or _key(kind, name) in self.disturbed:
                continue
            earlier = self.world.server.objects.get(_key(kind, name))
            assert earlier is not None, f"{key} was written before {name} of wave {wave}"
            assert earlier["spec" if kind == "Model" else "data"] == {"value": value}, (
                f"{name} was not applied before {key}"
            )
            health = health_of(earlier)
            assert health is None or health.status is HealthStatus.HEALTHY, f"{name} was not healthy before {key}"

    @initialize()
    def first(self) -> None:
        self.push([("a", "ConfigMap", 0, "x")])

    @rule(contents=CONTENTS)
    def push(self, contents: list[tuple[str, str, int, str]]) -> None:
        self.seq += 1
        self.commits[self.seq] = contents
        self.newest = self.run(self.world.rendered(self.seq, f"{self.seq:040x}", *map(_object, contents)))
        self.hints.append(self.newest)

    @rule()
    def revert(self) -> None:
        if self.seq > 1:
            self.push(self.commits[self.seq - 1])

    @rule(data=st.data(), fuse=st.one_of(st.none(), st.integers(0, 30)), stopped=st.booleans())
    def deliver(self, data: st.DataObject, fuse: int | None, stopped: bool) -> None:
        """Any messages, in any order, again or not at all; the process may die on the way."""
        chosen = data.draw(st.lists(st.sampled_from(self.hints), max_size=3)) if self.hints else []
        self._look(chosen, fuse, stopped)

    def _look(self, hints: list[Hint], fuse: int | None, stopped: bool = False) -> None:
        world = self.world
        world.fuse.left = fuse
        world.cluster.stops_instead = stopped
        try:
            with suppress(Failure):
                self.run(world.look(*hints))
        except Crash:
            self.late += world.cluster.late
            world.restart()
        finally:
            world.fuse.left = None

    @rule()
    def watch_catches_up(self) -> None:
        self.world.cluster.catch_up()

    @rule(seconds=st.sampled_from([1, 5, 60, 400]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.advance(seconds)

    @precondition(lambda self: self.late)
    @rule()
    def a_stopped_writer_goes_on(self) -> None:
        with suppress(Exception):
            self.late.pop(0)()

    @rule(name=st.sampled_from("abc"), value=st.sampled_from("xyz"))
    def somebody_edits(self, name: str, value: str) -> None:
        if cm(name) in self.world.server.objects:
            self.disturbed.add(cm(name))
            self.world.server.edit(cm(name), lambda obj: obj["data"].update(value=value))

    @rule(name=st.sampled_from("abc"), kind=st.sampled_from(["ConfigMap", "Model"]))
    def somebody_deletes(self, name: str, kind: str) -> None:
        self.disturbed.add(_key(kind, name))
        self.world.server.remove(_key(kind, name))

    @rule(name=st.sampled_from("abc"))
    def a_model_becomes_ready(self, name: str) -> None:
        key = _key("Model", name)
        if key in self.world.server.objects:
            generation = self.world.server.objects[key]["metadata"]["generation"]
            ready = [{"type": "Ready", "status": "True"}]
            self.world.server.set_status(key, observedGeneration=generation, conditions=ready)

    @invariant()
    def the_fence_never_goes_down(self) -> None:
        stored = self.world.store.inner.objects.get("argocd/fraud")
        if stored and stored.state:
            assert stored.state.fence >= self.fence
            self.fence = stored.state.fence

    def teardown(self) -> None:
        """The trouble ends; everything that was held back arrives; then all must stand as the newest commit says."""
        for late in self.late:
            with suppress(Exception):
                late()
        for _ in range(60):
            for name in "abc":
                self.a_model_becomes_ready(name)
            self.watch_catches_up()
            self._look([self.newest] if self.newest else [], None)
            self.world.clock.advance(60)
            if self._stands():
                break
        self.world.cluster.catch_up()
        self._look([], None)
        assert self._stands(), (self.world.state, self.world.server.objects)
        assert self.world.status["sync"]["status"] == "Synced"
        assert self.world.status["sync"]["revision"] == f"{self.seq:040x}"
        assert self.world.status["operationState"]["phase"] == "Succeeded"

    def _stands(self) -> bool:
        expected = {_key(kind, name): value for name, kind, _, value in self.commits[self.seq]}
        live = {
            key: (obj.get("spec") or obj.get("data") or {}).get("value")
            for key, obj in owned(self.world.server, "fraud").items()
        }
        shown = self.world.status.get("sync", {})
        is_settled = shown.get("status") == "Synced" and shown.get("revision") == f"{self.seq:040x}"
        return live == expected and is_settled and self.world.status["operationState"]["phase"] == "Succeeded"


def _key(kind: str, name: str) -> ObjectKey:
    return cm(name) if kind == "ConfigMap" else ObjectKey("example.com", "Model", "prod", name)


def _object(entry: tuple[str, str, int, str]) -> JsonObject:
    name, kind, wave, value = entry
    return config_map(name, wave, value=value) if kind == "ConfigMap" else custom("Model", name, wave, value=value)


TestSyncs = Syncs.TestCase
TestSyncs.settings = settings(max_examples=200, stateful_step_count=25, deadline=None)
