"""Published events that somebody still has to record stay in the outbox, and are told again until they are recorded."""

import asyncio
import sys
from collections.abc import Collection, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Hint, OutboxEntry
from wavegate.runtime.memory import MemoryBus, MemoryStateStore, VirtualClock
from wavegate.runtime.outbox import HELD_LIMIT, OUTBOX_LIMIT, appended, bounded
from wavegate.runtime.reconciliation import Reconciliation
from wavegate.runtime.settling import PACE, SETTLE

sys.path.insert(0, str(Path(__file__).parent))
from counting import Counting, Progress, World


class Reader:
    """Somebody who has to record every event, and does when told to."""

    def __init__(self) -> None:
        self.recorded: set[str] = set()
        self.asked = 0

    def awaited(self, key: str, entries: Sequence[OutboxEntry]) -> Collection[str]:
        return [entry.id for entry in entries]

    async def outstanding(self, key: str, entries: Sequence[OutboxEntry]) -> Collection[str]:
        self.asked += 1
        return [entry.id for entry in entries if entry.id not in self.recorded]


class Rig:
    def __init__(self) -> None:
        self.world, self.clock, self.reader = World(), VirtualClock(), Reader()
        self.store: MemoryStateStore[Progress] = MemoryStateStore()
        self.bus = MemoryBus()
        self.restart()

    def restart(self) -> None:
        """A new process: everything in memory is gone."""
        self.process = Reconciliation(Counting(self.world), self.store, self.bus, self.clock, self.reader)

    async def offer(self, seq: int) -> None:
        await self.process.run("app", [Hint("m", (seq, seq))])

    async def live(self, seconds: float) -> None:
        """Let time pass, waking when asked to."""
        end = self.clock.now() + timedelta(seconds=seconds)
        while (due := await self.process.run("app")) and due <= end:
            self.clock.advance(max(0.0, (due - self.clock.now()).total_seconds()))
        self.clock.advance((end - self.clock.now()).total_seconds())

    @property
    def outbox(self) -> tuple[OutboxEntry, ...]:
        return self.store.objects["app"].outbox


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_what_nobody_recorded_stays_over_writes_and_settling_and_leaves_once_it_is_recorded(rig: Rig) -> None:
    await rig.offer(1)
    await rig.offer(2)
    await rig.live(SETTLE.total_seconds() + 1)
    assert len(rig.outbox) == 4

    rig.reader.recorded = {entry.id for entry in rig.outbox[:3]}
    await rig.live(60)
    assert [entry.id not in rig.reader.recorded for entry in rig.outbox] == [True]

    rig.reader.recorded = set(rig.bus.stored)
    await rig.live(200)
    assert rig.outbox == ()


async def test_nobody_is_asked_before_the_entries_have_settled(rig: Rig) -> None:
    for seq in range(1, 10):
        await rig.offer(seq)
    assert rig.reader.asked == 0

    rig.clock.advance(SETTLE.total_seconds())
    await rig.process.run("app")
    assert rig.reader.asked == 1


async def test_a_busy_object_is_settled_too(rig: Rig) -> None:
    for seq in range(1, 20):
        await rig.offer(seq)
        rig.reader.recorded = set(rig.bus.stored)
        rig.clock.advance(SETTLE.total_seconds() / 2)
    assert len(rig.outbox) <= 8


async def test_the_pace_slows_down_as_the_wait_grows_longer(rig: Rig) -> None:
    await rig.offer(1)
    told = []
    for elapsed in range(0, 1000, 5):
        count = len(rig.bus.repeated)
        await rig.process.run("app")
        if len(rig.bus.repeated) > count:
            told.append(elapsed)
        rig.clock.advance(5)
    assert told == [30, 60, 120, 240, 480, 960]
    assert told[0] >= PACE.total_seconds()


async def test_after_the_streams_were_lost_everything_that_waits_is_published_at_once(rig: Rig) -> None:
    await rig.offer(1)
    rig.bus.stored.clear()
    await rig.process.run("app")
    assert rig.bus.stored == {}

    rig.process.forget_published()
    await rig.process.run("app")
    assert set(rig.bus.stored) == {entry.id for entry in rig.outbox}


async def test_a_new_process_publishes_what_waits_at_once(rig: Rig) -> None:
    await rig.offer(1)
    await rig.live(60)
    rig.bus.stored.clear()
    rig.restart()
    await rig.process.run("app")
    assert set(rig.bus.stored) == {entry.id for entry in rig.outbox}
    assert len(rig.outbox) == 2


async def test_somebody_who_never_records_stops_nothing_and_what_gives_way_is_named(rig: Rig) -> None:
    with capture_logs() as logs:
        for seq in range(1, 200):
            await rig.offer(seq)
            rig.clock.advance(60)
    assert rig.world.value == 199
    assert len(rig.outbox) <= HELD_LIMIT + 2
    assert rig.outbox[-1].data["intent"] == 199
    dropped = [one for one in logs if one["event"] == "events leave the outbox unrecorded"]
    assert {one["reason"] for one in dropped} == {Reason.OUTBOX_OVERFLOW}
    assert len([name for one in dropped for name in one["events"]]) == 2 * 199 - len(rig.outbox)


def test_waiting_entries_give_way_to_new_ones_and_unpublished_ones_never_do() -> None:
    def entries(count: int, name: str) -> tuple[OutboxEntry, ...]:
        time = VirtualClock().now()
        return tuple(OutboxEntry(id=f"{name}{i}", type="t", time=time, data={}) for i in range(count))

    unpublished, waiting = entries(OUTBOX_LIMIT - 10, "new"), entries(40, "old")
    kept, dropped = bounded((*waiting, *unpublished), {entry.id for entry in waiting}, new=4)

    assert dropped == waiting[:34]
    assert kept == (*waiting[34:], *unpublished)
    assert len(appended(kept, entries(4, "newest"))) == OUTBOX_LIMIT


class Ward:
    """A rig whose reader records what is delivered to it, unless the bus is wiped before."""

    def __init__(self) -> None:
        self.rig, self.seq = Rig(), 0

    async def do(self, step: str) -> None:
        rig = self.rig
        match step:
            case "offer":
                self.seq += 1
                await rig.offer(self.seq)
            case "deliver":
                rig.reader.recorded |= {*rig.bus.stored, *(entry.id for entry in rig.bus.repeated)}
            case "wipe":
                rig.bus.stored.clear()
                rig.bus.repeated.clear()
            case "announce":
                rig.process.forget_published()
            case "restart":
                rig.restart()
            case "wait":
                rig.clock.advance(20)
                await rig.process.run("app")


STEPS = ("offer", "deliver", "wipe", "announce", "restart", "wait")


@given(st.lists(st.sampled_from(STEPS), max_size=40))
@settings(max_examples=200, deadline=None)
def test_whatever_is_lost_in_between_every_event_is_recorded_in_the_end(steps: list[str]) -> None:
    async def lived() -> Ward:
        ward = Ward()
        for step in ("offer", *steps):
            await ward.do(step)
        for _ in range(150):
            await ward.do("wait")
            await ward.do("deliver")
        return ward

    ward = asyncio.run(lived())
    assert len(ward.rig.reader.recorded) == 2 * ward.seq
    assert ward.rig.outbox == ()
