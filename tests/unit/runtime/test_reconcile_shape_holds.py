"""The invariants of architecture §1 and §4 over the reconcile shape, against an adversary.

Messages are duplicated, reordered, delayed, dropped and redelivered; the process dies between any two steps; the bus may be
wiped. Whatever happens: an intent never writes after a newer one was recorded, the end is the newest commit (a revert
included), and every transition has its events exactly once per id.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from wavegate.contracts.reconciling import Hint, OutboxEntry
from wavegate.runtime.memory import MemoryBus, MemoryStateStore, VirtualClock
from wavegate.runtime.reconciliation import Reconciliation
from wavegate.runtime.settling import SETTLE

sys.path.insert(0, str(Path(__file__).parent))
from counting import Counting, Progress, World


class Crash(BaseException):
    """kill -9."""


class Fuse:
    """Kills the process at the n-th step that it passes."""

    def __init__(self) -> None:
        self.left: int | None = None

    def step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Crash


class CrashingStore(MemoryStateStore[Progress]):
    def __init__(self, step: Callable[[], None]) -> None:
        super().__init__()
        self._step = step

    async def write(self, key: str, state: Progress, outbox: tuple[OutboxEntry, ...], version: str | None) -> str:
        self._step()
        version = await super().write(key, state, outbox, version)
        self._step()
        return version


class CrashingBus(MemoryBus):
    def __init__(self, step: Callable[[], None]) -> None:
        super().__init__()
        self._step = step

    async def publish(self, entries: Sequence[OutboxEntry]) -> None:
        for entry in entries:
            self._step()
            await super().publish([entry])
            self._step()


class CrashingCounting(Counting):
    step: Callable[[], None] = staticmethod(lambda: None)

    async def act(self, key: str, observed: Any, actions: Sequence[Any]) -> Sequence[Any]:
        self.step()
        outcomes = await super().act(key, observed, actions)
        self.step()
        return outcomes


class ReconcileShape(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.world, self.clock, self.fuse = World(), VirtualClock(), Fuse()
        self.store, self.bus = CrashingStore(self.fuse.step), CrashingBus(self.fuse.step)
        self.events: dict[str, OutboxEntry] = {}
        self.commits: list[tuple[int, int]] = []
        self.mail: list[tuple[int, int]] = []
        self.start_process()

    def start_process(self) -> None:
        reconciler = CrashingCounting(self.world)
        reconciler.step = self.fuse.step  # type: ignore[method-assign]
        self.process = Reconciliation(reconciler, self.store, self.bus, self.clock)

    def look(self, *messages: tuple[int, int]) -> None:
        try:
            asyncio.run(self.process.run("app", [Hint(str(m), m) for m in messages]))
        except Crash:
            self.start_process()

    @rule(value=st.integers(0, 2))
    def push(self, value: int) -> None:
        """A commit; few values, so that reverts are frequent."""
        self.commits.append((len(self.commits) + 1, value))
        self.mail.append(self.commits[-1])

    @rule(data=st.data(), keep=st.booleans())
    def deliver(self, data: st.DataObject, keep: bool) -> None:
        """Any message that ever was, in any order; `keep` redelivers it later."""
        if self.mail:
            message = data.draw(st.sampled_from(self.mail))
            if not keep:
                self.mail.remove(message)
            self.look(message)

    @rule(data=st.data(), steps=st.integers(0, 9))
    def deliver_and_die(self, data: st.DataObject, steps: int) -> None:
        if self.mail:
            self.fuse.left = steps
            self.look(data.draw(st.sampled_from(self.mail)))
            self.fuse.left = None

    @rule()
    def timer(self) -> None:
        self.clock.advance(SETTLE.total_seconds())
        self.look()

    @rule()
    def wipe_the_bus(self) -> None:
        self.events.update(self.bus.stored)
        self.bus.stored.clear()
        self.start_process()

    @invariant()
    def intents_only_rise_and_no_older_commit_is_written_later(self) -> None:
        intents = [intent for intent, _ in self.world.writes]
        assert intents == sorted(intents)

    def teardown(self) -> None:
        if not hasattr(self, "commits"):
            return
        self.fuse.left = None
        if self.commits:
            self.look(self.commits[-1])
        self.look()
        if self.commits:
            assert self.world.value == self.commits[-1][1]
            self.every_transition_was_told()

    def every_transition_was_told(self) -> None:
        state = self.store.objects["app"].state
        assert state is not None
        assert state.done
        told = {**self.events, **self.bus.stored}
        finished = {entry.data["intent"] for entry in told.values() if ".SyncSucceeded." in entry.type}
        assert state.intent in finished


TestReconcileShape = ReconcileShape.TestCase
TestReconcileShape.settings = settings(max_examples=300, stateful_step_count=30, deadline=None)
