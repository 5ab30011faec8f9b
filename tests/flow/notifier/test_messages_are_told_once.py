"""Never lost, never doubled: the notifier's reconcilers and ledger against an adversary.

The process dies between any two steps, messages repeat, destinations are busy, lose requests or cut the line after having
accepted one, conditions flip. Every destination here can be asked whether a message arrived, as Slack's history and
PagerDuty's keys allow; the window in which one that cannot be asked may hear a message twice is tested with the adapters.
"""

import asyncio
import sys
from datetime import datetime
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from wavegate.contracts.notification import NotificationDelivered, NotificationIntended
from wavegate.contracts.reconciling import Hint, OutboxEntry
from wavegate.notifier.domain.ledger import Ledger, Status
from wavegate.notifier.handlers import Applications
from wavegate.notifier.ports import Found
from wavegate.runtime.memory import MemoryBus, MemoryStateStore, VirtualClock
from wavegate.runtime.reconciliation import Reconciliation

sys.path.insert(0, str(Path(__file__).parent))
from fakes import KEY, FakeConfigurations, FakeCourier, FakeLanguages, FakeObjects, application


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


class CrashingStore(MemoryStateStore[Ledger]):
    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self._fuse = fuse

    async def write(self, key: str, state: Ledger, outbox: tuple[OutboxEntry, ...], version: str | None) -> str:
        self._fuse.step()
        version = await super().write(key, Ledger.read(state.to_json()), outbox, version)
        self._fuse.step()
        return version


class CrashingBus(MemoryBus):
    def __init__(self, fuse: Fuse) -> None:
        super().__init__()
        self._fuse = fuse

    async def publish(self, entries: list[OutboxEntry]) -> None:  # type: ignore[override]
        for entry in entries:
            self._fuse.step()
            await super().publish([entry])


class ToldOnce(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.fuse, self.clock = Fuse(), VirtualClock()
        self.objects, self.store, self.bus = FakeObjects(), CrashingStore(self.fuse), CrashingBus(self.fuse)
        self.courier = FakeCourier(self.fuse.step)
        self.seen: set[str] = set()
        self.due: datetime | None = None
        self.revision = 0
        self.become("Running", "Healthy")
        self.start()

    def start(self) -> None:
        reconciler = Applications(self.objects, FakeConfigurations(), FakeLanguages(), self.courier, self.clock)
        self.reconciliation = Reconciliation(reconciler, self.store, self.bus, self.clock)

    def become(self, phase: str, health: str) -> None:
        subscribed = ("on-synced.slack=ml", "on-degraded.slack=ml", "on-degraded.pagerdutyv2=ops")
        found = application(*subscribed, revision=f"r{self.revision}", phase=phase, health=health)
        self.objects.found[KEY] = Found(found)
        self.phase = phase

    def look(self, *hints: Hint) -> None:
        try:
            self.due = asyncio.run(self.reconciliation.run(KEY, hints))
        except Crash:
            self.start()
            self.due = self.clock.now()
        else:
            if self.phase == "Succeeded":
                self.seen.add(f"synced r{self.revision}")

    @rule(phase=st.sampled_from(["Running", "Succeeded", "Failed"]), health=st.sampled_from(["Healthy", "Degraded"]))
    def status_changes(self, phase: str, health: str) -> None:
        self.become(phase, health)

    @rule()
    def commit(self) -> None:
        self.revision += 1
        self.become("Running", "Healthy")

    @rule(count=st.integers(1, 3))
    def messages_come(self, count: int) -> None:
        self.look(*(Hint(f"e{self.revision}-{number}", None) for number in range(count)))

    @rule()
    def watch_event_comes(self) -> None:
        self.look()

    @rule(mode=st.sampled_from(["accept", "busy", "lost", "cut"]))
    def destinations_change(self, mode: str) -> None:
        self.courier.mode = mode

    @rule(steps=st.integers(0, 12))
    def crash_soon(self, steps: int) -> None:
        self.fuse.left = steps

    @rule(seconds=st.sampled_from([1.0, 5.0, 400.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        if self.due and self.due <= self.clock.now():
            self.look()

    @invariant()
    def nothing_is_told_twice(self) -> None:
        told = [delivery.entry for delivery in self.courier.received]
        assert len(told) == len(set(told))
        synced = [delivery.message.text for delivery in self.courier.received if "synced" in delivery.message.text]
        assert len(synced) == len(set(synced)), synced

    @invariant()
    def nothing_waits_without_a_time_to_wake(self) -> None:
        stored = self.store.objects.get(KEY)
        if stored and stored.state and any(entry.owed for entry in stored.state.entries):
            assert self.due is not None

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        self.fuse.left, self.courier.mode = None, "accept"
        self.look()
        for _ in range(20):
            self.clock.advance(400.0)
            self.look()
        stored = self.store.objects.get(KEY)
        entries = stored.state.entries if stored and stored.state else ()
        assert all(entry.status is Status.DELIVERED for entry in entries)
        told = {delivery.message.text for delivery in self.courier.received}
        assert self.seen <= told, "a state that was looked at was never told"
        self.events_match()

    def events_match(self) -> None:
        def ids(kind: type) -> list[str]:
            return [one.data["key"] for one in self.bus.stored.values() if one.type == kind.type_name()]  # type: ignore[attr-defined]

        assert sorted(ids(NotificationIntended)) == sorted(ids(NotificationDelivered))
        assert len(ids(NotificationDelivered)) == len(self.courier.received)


ToldOnce.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestToldOnce = ToldOnce.TestCase
