"""From a push to rendered manifests: git-watcher and renderer together, on a bus that does its worst, in virtual time."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rendered_world import World as Renderer
from rendered_world import manifest
from watched_world import KEY, World, application, sha

from wavegate.contracts.commands import RenderApplication
from wavegate.contracts.reconciling import Hint, OutboxEntry
from wavegate.git_watcher.domain.pushes import Push
from wavegate.runtime.memory import MemoryBus, MemoryStateStore, VirtualClock
from wavegate.runtime.reconciliation import Reconciliation

APPS = ("a", "b", "c")


class Sources:
    """Both services, and the commands between them."""

    def __init__(self) -> None:
        self.clock, self.bus = VirtualClock(), MemoryBus()
        self.world = World(*(application(name) for name in APPS))
        self.renderer = Renderer()
        self.renderer.commits = {}
        store: MemoryStateStore = MemoryStateStore()
        self.watching = Reconciliation(self.world.reconciler(), store, self.bus, self.clock)
        self.rendering = Reconciliation(self.renderer.reconciler, None, self.bus, self.clock)
        self.change(1, dict.fromkeys(APPS, "v1"))

    def change(self, number: int, values: dict[str, str]) -> None:
        """Commit a state of the repository and show it."""
        if number > 1:
            self.world.commit(number, number - 1)
        self.world.show(number)
        self.renderer.commits[sha(number)] = {
            f"apps/{name}/m.yaml": manifest(name, data={"value": value}) for name, value in values.items()
        }

    async def look(self, *pushes: Push) -> None:
        await self.watching.run(KEY, [Hint(f"d{id(push)}", push) for push in pushes])

    def commands(self) -> list[Hint]:
        found = [entry for entry in self.bus.stored.values() if entry.type == RenderApplication.type_name()]
        return [Hint(one.id, RenderApplication.read(one.data), one.traceparent, one.time) for one in found]

    async def deliver(self, hints: Sequence[Hint]) -> None:
        by_key: dict[str, list[Hint]] = {}
        for hint in hints:
            by_key.setdefault(hint.message.work_key, []).append(hint)
        for key, waiting in by_key.items():
            await self.rendering.run(key, waiting)

    def rendered(self) -> list[OutboxEntry]:
        return [entry for entry in self.bus.stored.values() if entry.type.split(".")[3] == "ManifestsRendered"]

    def newest(self, name: str) -> OutboxEntry:
        ours = [entry for entry in self.rendered() if entry.data["object"]["name"] == name]
        return max(ours, key=lambda entry: entry.data["commits"][0]["seq"])

    def value(self, name: str) -> str:
        (one,) = self.renderer.objects(self.newest(name).data["bundle"]["digest"])
        value: str = one["data"]["value"]
        return value


@pytest.fixture
def sources() -> Sources:
    return Sources()


async def test_a_push_becomes_the_objects_of_every_application_that_follows_it(sources: Sources) -> None:
    await sources.look()
    await sources.deliver(sources.commands())

    assert [sources.value(name) for name in APPS] == ["v1"] * 3
    assert {entry.data["commits"][0]["sha"] for entry in sources.rendered()} == {sha(1)}


async def test_a_push_to_one_folder_parses_only_that_folder(sources: Sources) -> None:
    await sources.look()
    await sources.deliver(sources.commands())
    before, known = sources.renderer.parsed, sources.commands()
    sources.change(2, {"a": "v1", "b": "v2", "c": "v1"})
    await sources.look()
    await sources.deliver([hint for hint in sources.commands() if hint not in known])

    assert sources.renderer.parsed - before == 1
    assert [sources.newest(name).data.get("cached") for name in APPS] == [True, False, True]
    assert [sources.value(name) for name in APPS] == ["v1", "v2", "v1"]


async def test_one_trace_and_one_chain_of_causes_lead_from_the_push_to_the_manifests(sources: Sources) -> None:
    await sources.look()
    await sources.deliver(sources.commands())
    (observed,) = [entry for entry in sources.bus.stored.values() if entry.type.split(".")[3] == "RevisionObserved"]
    assert observed.traceparent is not None

    ids = {hint.id for hint in sources.commands()}
    for entry in sources.rendered():
        assert entry.traceparent is not None
        assert entry.traceparent.split("-")[1] == observed.traceparent.split("-")[1]
        assert entry.cause in ids


@given(
    pushes=st.lists(st.booleans(), min_size=1, max_size=6),
    order=st.randoms(use_true_random=False),
    repeats=st.integers(1, 3),
)
@settings(max_examples=200, deadline=None)
async def test_whatever_the_bus_does_the_newest_manifests_are_those_of_the_tip(
    pushes: list[bool], order: object, repeats: int
) -> None:
    """Commands are reordered, repeated and delivered together or one by one; looks may be missed."""
    sources = Sources()
    for number, seen in enumerate(pushes, start=2):
        sources.change(number, dict.fromkeys(APPS, f"v{number}"))
        if seen:
            await sources.look()
    await sources.look()
    waiting = sources.commands() * repeats
    order.shuffle(waiting)  # type: ignore[attr-defined]
    half = len(waiting) // 2
    await sources.deliver(waiting[:half])
    for hint in waiting[half:]:
        await sources.deliver([hint])

    assert [sources.value(name) for name in APPS] == [f"v{len(pushes) + 1}"] * 3
    assert len({entry.id for entry in sources.rendered()}) <= len(sources.commands())
