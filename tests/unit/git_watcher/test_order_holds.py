"""Order against an adversary: pushes are lost, repeated and late, servers lag and fail, we die between any two steps.

Whatever happens, `seq` only rises, the past is never followed by mistake, every transition has its event, and once things are
quiet the revision acted on last is the tip.
"""

import asyncio

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from watched_world import KEY, URL, World, application, sha

from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Hint, OutboxEntry
from wavegate.contracts.repository_state import RefState, RepositoryState
from wavegate.git_watcher.domain.pushes import Push
from wavegate.runtime.memory import MemoryBus, MemoryStateStore, VirtualClock
from wavegate.runtime.reconciliation import Reconciliation

MAIN = "refs/heads/main"
ZEROS_LOST = RetryLater(Reason.REPOSITORY_UNREACHABLE, "connection refused")


class Crash(BaseException):
    """kill -9."""


class CrashingStore(MemoryStateStore[RepositoryState]):
    def __init__(self) -> None:
        super().__init__()
        self.crash_after_write = False

    async def write(
        self, key: str, state: RepositoryState, outbox: tuple[OutboxEntry, ...], version: str | None
    ) -> str:
        written = await super().write(key, state, outbox, version)
        if self.crash_after_write:
            self.crash_after_write = False
            raise Crash
        return written


class CrashingBus(MemoryBus):
    crash_before_publish = False

    async def publish(self, entries) -> None:  # type: ignore[no-untyped-def]
        if self.crash_before_publish:
            self.crash_before_publish = False
            raise Crash
        await super().publish(entries)


class Following(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World(application("a"), application("b"))
        for number in (2, 3):
            self.world.commit(number, number - 1)
        self.world.show(3)
        self.tip = self.count = 3
        self.clock = VirtualClock()
        self.store, self.bus = CrashingStore(), CrashingBus()
        self.mailbox: list[Push] = []
        self.last = RefState()
        self.forced_to: set[str] = set()
        self.start()
        self.look()

    def start(self) -> None:
        """A new process: everything in memory is gone."""
        self.reconciliation = Reconciliation(self.world.reconciler(), self.store, self.bus, self.clock)

    def look(self, *pushes: Push) -> None:
        hints = [Hint(f"delivery-{id(push)}", push) for push in pushes]
        try:
            asyncio.run(self.reconciliation.run(KEY, hints))
        except Crash:
            self.start()

    @property
    def state(self) -> RefState:
        stored = self.store.objects.get(KEY)
        return stored.state.refs.get("main", RefState()) if stored and stored.state else RefState()

    def moved_to(self, number: int, *, forced: bool) -> None:
        self.tip = number
        self.world.show(number)
        self.mailbox.append(Push(frozenset(), MAIN, sha(number), forced=forced))
        if forced:
            self.forced_to.add(sha(number))

    @rule()
    def push(self) -> None:
        self.count += 1
        self.world.commit(self.count, self.tip)
        self.moved_to(self.count, forced=False)

    @rule(back=st.integers(1, 3))
    def force_push_aside(self, back: int) -> None:
        parent = max(1, self.tip - back)
        self.count += 1
        self.world.commit(self.count, parent)
        self.moved_to(self.count, forced=True)

    @rule(which=st.integers(0, 10))
    def force_push_back(self, which: int) -> None:
        older = sorted(self.world.ancestors(self.tip))
        self.moved_to(older[which % len(older)], forced=True)

    @rule(which=st.integers(0, 10))
    def server_lags(self, which: int) -> None:
        older = sorted(self.world.ancestors(self.tip))
        self.world.show(older[which % len(older)])
        self.look()

    @rule()
    def server_catches_up(self) -> None:
        self.world.show(self.tip)

    @rule(known=st.booleans())
    def history_can_be_fetched(self, known: bool) -> None:
        self.world.history_known = known

    @rule(fails=st.booleans())
    def server_fails(self, fails: bool) -> None:
        self.world.failure = ZEROS_LOST if fails else None

    @rule()
    def branch_is_deleted_and_comes_back(self) -> None:
        self.world.shown.pop(MAIN, None)
        self.look()
        self.world.show(self.tip)

    @rule(which=st.integers(0, 10), keep=st.booleans())
    def webhook_arrives(self, which: int, keep: bool) -> None:
        if self.mailbox:
            index = which % len(self.mailbox)
            push = self.mailbox[index] if keep else self.mailbox.pop(index)
            self.look(push, push)

    @rule()
    def webhook_is_lost(self) -> None:
        self.mailbox.clear()

    @rule(seconds=st.sampled_from([0.5, 5.0, 9.0, 11.0, 120.0]))
    def poll(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.look()

    @rule()
    def die_after_the_next_write(self) -> None:
        self.store.crash_after_write = True

    @rule()
    def die_before_the_next_publish(self) -> None:
        self.bus.crash_before_publish = True

    @invariant()
    def seq_only_rises_and_with_every_tip(self) -> None:
        now, last = self.state, self.last
        assert now.seq >= last.seq
        assert (now.sha != last.sha) <= (now.seq > last.seq)

    @invariant()
    def the_past_is_followed_only_when_forced_or_confirmed(self) -> None:
        now, last = self.state, self.last
        if now.seq == last.seq + 1 and last.sha and int(now.sha, 16) in self.world.ancestors(int(last.sha, 16)):
            waited = last.regressed is not None and last.regressed.sha == now.sha
            assert now.sha in self.forced_to or waited
        self.last = now

    def teardown(self) -> None:
        self.world.failure, self.world.history_known = None, True
        self.store.crash_after_write = self.bus.crash_before_publish = False
        self.world.show(self.tip)
        for _ in range(3):
            self.clock.advance(11)
            self.look()
        assert self.state.sha == sha(self.tip)
        self.everything_was_told()

    def everything_was_told(self) -> None:
        by_name: dict[str, list[OutboxEntry]] = {}
        for entry in self.bus.stored.values():
            by_name.setdefault(entry.type.split(".")[3], []).append(entry)
        seqs = sorted(entry.data["seq"] for entry in by_name["RevisionObserved"])
        assert seqs == list(range(1, self.state.seq + 1))
        for name in ("a", "b"):
            told = [one.data for one in by_name["RenderApplication"] if one.data["object"]["name"] == name]
            newest = max(told, key=lambda data: data["commits"][0]["seq"])
            assert newest["commits"][0] == {
                "repository": URL, "ref": "main", "seq": self.state.seq, "sha": sha(self.tip),
            }  # fmt: skip


TestFollowing = Following.TestCase
TestFollowing.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
