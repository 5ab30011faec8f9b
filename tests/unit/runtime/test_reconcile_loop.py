import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from wavegate.contracts.failures import Rejected, RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Hint
from wavegate.runtime.memory import EPOCH, MemoryBus, MemoryStateStore, VirtualClock
from wavegate.runtime.reconcile_loop import ReconcileLoop, Ticket
from wavegate.runtime.reconciliation import Reconciliation
from wavegate.runtime.telemetry import Telemetry

sys.path.insert(0, str(Path(__file__).parent))
from counting import Counting, Progress, World


class Failing(Counting):
    """Fails as it is told to, then works."""

    failures: list[BaseException]
    looks = 0

    async def observe(self, key: str, state: Progress | None, hints: Sequence[Hint]) -> Any:
        self.looks += 1
        if self.failures:
            raise self.failures.pop(0)
        return await super().observe(key, state, hints)


class Rig:
    def __init__(self) -> None:
        self.clock, self.world = VirtualClock(), World()
        self.reconciler = Failing(self.world)
        self.reconciler.failures = []
        store: MemoryStateStore[Progress] = MemoryStateStore()
        reconciliation = Reconciliation(self.reconciler, store, MemoryBus(), self.clock)
        self.loop = ReconcileLoop("counting", reconciliation, Telemetry("test"), workers=2)
        self.ends: list[BaseException | None] = []

    def offer(self, seq: int, value: int) -> None:
        self.loop.hint("app", Ticket(Hint("m", (seq, value)), self.ends.append))

    async def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await idle()


async def idle() -> None:
    """Let every task run until nothing moves any more."""
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    rig = Rig()
    task = asyncio.create_task(rig.loop.run())
    await idle()
    yield rig
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_message_is_finished_when_its_look_ended(rig: Rig) -> None:
    rig.offer(1, 7)
    await idle()

    assert rig.world.value == 7
    assert rig.ends == [None]


async def test_a_retryable_failure_is_told_to_the_message_and_the_key_is_looked_at_again_in_time(rig: Rig) -> None:
    rig.reconciler.wanted = (1, 7)
    rig.reconciler.failures = [RetryLater(Reason.API_UNAVAILABLE, "down", after_seconds=4)]
    rig.offer(1, 7)
    await idle()
    assert [type(end) for end in rig.ends] == [RetryLater]
    assert rig.world.value is None

    await rig.advance(3.9)
    assert rig.world.value is None
    await rig.advance(0.1)
    assert rig.world.value == 7


async def test_a_rejected_input_is_not_tried_again_but_its_key_is_looked_at(rig: Rig) -> None:
    rig.reconciler.failures = [Rejected(Reason.API_FORBIDDEN, "no")]
    rig.offer(1, 7)
    await idle()
    rig.reconciler.wanted = (2, 8)
    await rig.advance(59)
    assert rig.reconciler.looks == 1
    await rig.advance(1)

    assert [type(end) for end in rig.ends] == [Rejected]
    assert rig.world.writes == [(1, 8)]


async def test_who_asks_for_an_earlier_look_while_one_is_under_way_is_heard(rig: Rig) -> None:
    looks: list[float] = []

    async def observe(key: str, state: Progress | None, hints: Sequence[Hint]) -> None:
        looks.append((rig.clock.now() - EPOCH).total_seconds())
        if len(looks) == 1:
            rig.loop.look_by(key, rig.clock.now() + timedelta(seconds=2))
            raise RetryLater(Reason.API_UNAVAILABLE, "down", after_seconds=20)

    rig.reconciler.observe = observe  # type: ignore[method-assign, assignment]
    rig.loop.look("app")
    await idle()
    await rig.advance(2)

    assert looks == [0, 2]


async def test_a_defect_does_not_end_the_loop_and_backs_off(rig: Rig) -> None:
    rig.reconciler.wanted = (1, 7)
    rig.reconciler.failures = [ZeroDivisionError(), ZeroDivisionError(), ZeroDivisionError()]
    rig.loop.look("app")
    await idle()
    for _ in range(3):
        await rig.advance(2)

    assert rig.world.value == 7


async def test_keys_do_not_wait_for_each_other(rig: Rig) -> None:
    rig.reconciler.failures = [RetryLater(Reason.API_UNAVAILABLE, "down", after_seconds=60)]
    rig.loop.look("stuck")
    rig.offer(1, 7)
    await idle()

    assert rig.world.value == 7
