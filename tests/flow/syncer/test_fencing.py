"""Two processes, one of them stopped in the middle of a write: nothing goes backward (architecture §4)."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from api_server import Crash
from sync_world import World, cm, config_map

from wavegate.contracts.reconciling import StateConflict
from wavegate.manifests.identity import intent_of
from wavegate.syncer.ports import Stale


async def stopped_while_writing(world: World, seq: int, value: str) -> None:
    """A process takes a commit and is stopped just before its first write."""
    world.cluster.stops_before_writing = True
    with pytest.raises(Crash):
        await world.push(seq, f"{seq:040x}", config_map("one", value=value))


@pytest.mark.shows("Fencing: a late write under an older intent is refused", "works")
async def test_a_revert_marks_what_is_equal_so_that_the_stopped_write_is_refused() -> None:
    world = World()
    await world.push(1, "1" * 40, config_map("one", value="A"))
    await stopped_while_writing(world, 2, "B")
    late = world.cluster.late
    world.restart()
    await world.push(3, "3" * 40, config_map("one", value="A"))

    assert world.status["sync"]["status"] == "Synced"
    assert intent_of(world.server.objects[cm("one")]) == world.state.fence
    with pytest.raises(Stale):
        late[0]()
    assert world.data("one") == {"value": "A"}


async def test_a_mark_touches_nothing_but_the_mark() -> None:
    world = World()
    await world.push(1, "1" * 40, config_map("one", value="A"))
    await stopped_while_writing(world, 2, "B")
    world.restart()
    world.server.writes.clear()
    await world.push(3, "3" * 40, config_map("one", value="A"))

    assert [verb for verb, _, _ in world.server.writes] == ["mark"]


async def test_the_same_process_need_mark_nothing() -> None:
    world = World()
    await world.push(1, "1" * 40, config_map("one", value="A"))
    world.server.writes.clear()
    await world.push(2, "2" * 40, config_map("one", value="A"), config_map("two"))

    assert [(verb, key.name) for verb, key, _ in world.server.writes] == [("apply", "two")]


async def test_a_process_whose_intent_was_passed_writes_nothing_more() -> None:
    world = World()
    await world.push(1, "1" * 40, config_map("one", value="A"))
    old = world.reconciliation.reconciler.actor
    world.restart()
    await world.push(2, "2" * 40, config_map("one", value="B"))

    with pytest.raises(StateConflict):
        await old._check("argocd/fraud", 1)


async def test_a_write_that_finds_another_version_looks_again_and_goes_on() -> None:
    world = World()
    await world.push(1, "1" * 40, config_map("one", value="A"))
    world.server.edit(cm("one"), lambda obj: obj["metadata"].setdefault("labels", {}).update(by="someone"))
    await world.push(2, "2" * 40, config_map("one", value="B"))

    assert world.data("one") == {"value": "B"}
    assert world.server.objects[cm("one")]["metadata"]["labels"] == {"by": "someone"}


async def test_an_object_made_by_somebody_meanwhile_is_taken_over() -> None:
    world = World()
    theirs = config_map("one", other="theirs")
    theirs["metadata"]["namespace"] = "prod"
    world.server.apply(theirs)
    await world.push(1, "1" * 40, config_map("one", value="A"))

    assert world.data("one")["value"] == "A"
    assert world.status["sync"]["status"] == "Synced"


async def test_a_sync_goes_on_where_a_dead_process_left_it() -> None:
    for steps in range(60):
        world = World()
        hint = await world.rendered(1, "1" * 40, config_map("one", 0, value="A"), config_map("two", 1, value="A"))
        world.fuse.left = steps
        try:
            await world.look(hint)
        except Crash:
            world.fuse.left = None
            world.restart()
            await world.look(hint)
        world.fuse.left = None

        assert world.status["sync"]["status"] == "Synced", steps
        assert world.told().count("SyncSucceeded") == 1, steps
        assert world.told().count("IntentAccepted") == 1, steps
        assert [entry["id"] for entry in world.status["history"]] == [0], steps


async def test_marks_that_are_higher_than_lost_state_are_gone_above_once_they_are_seen() -> None:
    """The state is lost and the watch has seen nothing yet: the objects' own marks stop the first writes."""
    world = World()
    await world.push(1, "1" * 40, config_map("one", value="A"))
    await world.push(2, "2" * 40, config_map("one", value="B"))
    world.store.inner.objects.clear()
    world.restart()
    world.cluster._seen.clear()
    await world.push(3, "3" * 40, config_map("one", value="C"))

    assert world.data("one") == {"value": "C"}
    assert intent_of(world.server.objects[cm("one")]) == world.state.fence == 3
    assert world.status["sync"]["status"] == "Synced"
