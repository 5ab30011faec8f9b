import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Hint, OutboxEntry, StateConflict
from wavegate.runtime.memory import MemoryBus, MemoryStateStore, VirtualClock
from wavegate.runtime.outbox import OUTBOX_LIMIT, appended
from wavegate.runtime.reconciliation import Reconciliation
from wavegate.runtime.settling import SETTLE

sys.path.insert(0, str(Path(__file__).parent))
from counting import Counting, Progress, World


class Rig:
    def __init__(self) -> None:
        self.world, self.clock = World(), VirtualClock()
        self.store: MemoryStateStore[Progress] = MemoryStateStore()
        self.bus = MemoryBus()
        self.restart()

    def restart(self) -> None:
        """A new process: everything in memory is gone."""
        self.reconciliation = Reconciliation(Counting(self.world), self.store, self.bus, self.clock)

    async def offer(self, seq: int, value: int) -> object:
        return await self.reconciliation.run("app", [Hint("m", (seq, value))])

    def names(self) -> list[str]:
        return [entry.type.split(".")[3] for entry in self.bus.stored.values()]


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_an_event_exists_exactly_when_its_transition_does(rig: Rig) -> None:
    await rig.offer(1, 7)

    assert rig.world.value == 7
    assert rig.names() == ["SyncStarted", "SyncSucceeded"]
    stored = rig.store.objects["app"]
    assert stored.state == Progress(intent=1, target=7, seq=1, done=True)


async def test_what_was_published_leaves_the_outbox_with_the_next_write_or_after_the_settling_time(rig: Rig) -> None:
    wake = await rig.offer(1, 7)
    assert wake == rig.clock.now() + SETTLE
    assert len(rig.store.objects["app"].outbox) == 1  # SyncStarted left with the write of SyncSucceeded

    rig.clock.advance(SETTLE.total_seconds())
    assert await rig.reconciliation.run("app") is None

    assert rig.store.objects["app"].outbox == ()
    assert len(rig.bus.stored) == 2


async def test_an_event_whose_publisher_died_is_published_at_the_next_start(rig: Rig) -> None:
    class DeadBus(MemoryBus):
        async def publish(self, entries: object) -> None:
            raise KeyboardInterrupt

    alive, rig.bus = rig.bus, DeadBus()
    rig.restart()
    with pytest.raises(KeyboardInterrupt):
        await rig.offer(1, 7)
    rig.bus = alive
    rig.restart()
    await rig.reconciliation.run("app")

    assert rig.names() == ["SyncStarted", "SyncSucceeded"]


async def test_a_repeated_message_changes_nothing(rig: Rig) -> None:
    await rig.offer(1, 7)
    await rig.offer(1, 7)

    assert rig.world.writes == [(1, 7)]
    assert len(rig.bus.stored) == 2


async def test_an_older_value_never_overwrites_a_newer_one(rig: Rig) -> None:
    await rig.offer(2, 8)
    await rig.offer(1, 7)

    assert rig.world.value == 8


async def test_a_revert_is_a_new_intent_although_the_value_was_seen_before(rig: Rig) -> None:
    for seq, value in ((1, 7), (2, 8), (3, 7)):
        await rig.offer(seq, value)

    assert rig.world.writes == [(1, 7), (2, 8), (3, 7)]


async def test_losing_the_compare_and_set_means_looking_again(rig: Rig) -> None:
    class Contended(MemoryStateStore[Progress]):
        conflicts = 3

        async def write(self, *args: object) -> str:
            if self.conflicts:
                self.conflicts -= 1
                raise StateConflict
            return await super().write(*args)  # type: ignore[arg-type]

    rig.store = Contended()
    rig.restart()
    await rig.offer(1, 7)

    assert rig.world.writes == [(1, 7)]


async def test_endless_conflicts_are_a_named_failure(rig: Rig) -> None:
    class Hopeless(MemoryStateStore[Progress]):
        async def write(self, *args: object) -> str:
            raise StateConflict

    rig.store = Hopeless()
    rig.restart()

    with pytest.raises(RetryLater, match="ApiUnavailable"):
        await rig.offer(1, 7)


async def test_a_full_outbox_stops_transitions_by_name(rig: Rig) -> None:
    await rig.offer(1, 7)
    entry = next(iter(rig.bus.stored.values()))
    full = tuple(entry.model_copy(update={"id": str(i)}) for i in range(OUTBOX_LIMIT))

    assert appended(full[1:], full[:1])
    with pytest.raises(RetryLater, match="OutboxOverflow"):
        appended(full, (entry,))


async def test_a_full_outbox_is_emptied_once_the_bus_takes_it(rig: Rig) -> None:
    await rig.offer(1, 7)
    stored, entry = rig.store.objects["app"], next(iter(rig.bus.stored.values()))
    full = tuple(entry.model_copy(update={"id": str(i)}) for i in range(OUTBOX_LIMIT))
    rig.store.objects["app"] = replace(stored, outbox=full)
    rig.restart()
    await rig.offer(2, 8)

    assert rig.world.value == 8
    assert len(rig.bus.stored) == OUTBOX_LIMIT + 4


class AwayBus(MemoryBus):
    async def publish(self, entries: Sequence[OutboxEntry]) -> None:
        raise RetryLater(Reason.BUS_UNAVAILABLE, "publishing: TimeoutError")


async def test_while_the_bus_is_away_work_goes_on_and_is_recorded(rig: Rig) -> None:
    back, rig.bus = rig.bus, AwayBus()
    rig.restart()
    with pytest.raises(RetryLater, match="BusUnavailable"):
        await rig.offer(1, 7)
    stored = rig.store.objects["app"]
    assert stored.state == Progress(intent=1, target=7, seq=1, done=True)
    assert len(stored.outbox) == 2

    rig.bus = back
    rig.restart()
    await rig.reconciliation.run("app")
    assert rig.names() == ["SyncStarted", "SyncSucceeded"]
    assert rig.world.writes == [(1, 7)]
