"""One look at one key: observe → decide → record → act → publish (architecture §2).

Free of tasks and queues, so that a test can crash it between any two steps and start it again.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog

from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import (
    Decision,
    Hint,
    OutboxEntry,
    Reconciler,
    StateConflict,
    StateStore,
    Stored,
)
from wavegate.runtime import outbox
from wavegate.runtime.clock import Clock
from wavegate.runtime.settling import NobodyWaits, Receipts, Told

ObservedT = TypeVar("ObservedT")
StateT = TypeVar("StateT")
ActionT = TypeVar("ActionT")

TURNS_LIMIT = 2_000
CONFLICTS_LIMIT = 20

log = structlog.get_logger()


@dataclass(slots=True)
class Reconciliation(Generic[ObservedT, StateT, ActionT]):
    """Looks at one key at a time, until there is nothing left to do.

    Entries that the streams have stored leave the outbox with the next write that happens anyway; when none comes within
    `SETTLE`, by one of their own. So a transition costs one write, and a quiet object owes nothing. Entries that somebody
    still has to record (`receipts`) stay, and are told again at a slow pace.
    """

    reconciler: Reconciler[ObservedT, StateT, ActionT]
    store: StateStore[StateT] | None
    publisher: outbox.Publisher
    clock: Clock
    receipts: Receipts = field(default_factory=NobodyWaits)
    _told: dict[str, Told] = field(default_factory=dict)

    async def run(self, key: str, hints: Sequence[Hint] = ()) -> datetime | None:
        """Bring `key` as far as it goes now; return when it wants to be looked at again.

        Raises:
            RetryLater, Rejected: As observing or acting said.
        """
        for _ in range(CONFLICTS_LIMIT):
            with suppress(StateConflict):
                return await self._look(key, hints)
        raise RetryLater(Reason.API_UNAVAILABLE, f"the state of {key} changed {CONFLICTS_LIMIT} times while writing it")

    def forget_published(self) -> None:
        """The bus lost what it had: everything that an outbox still lists is published at its next look."""
        self._told.clear()

    async def _look(self, key: str, hints: Sequence[Hint]) -> datetime | None:
        context = next((hint.traceparent for hint in hints if hint.traceparent), None)
        stored = await self.store.read(key) if self.store else None
        outcomes: Sequence[Any] = ()
        told, trouble = hints, None
        for _ in range(TURNS_LIMIT):
            before = stored
            state = stored.state if stored else None
            observed = await self.reconciler.observe(key, state, told)
            if observed is None:
                return await self._rest(key, stored, None, trouble)
            now = self.clock.now()
            decision = self.reconciler.decide(observed, state, outcomes, now)
            entries = [outbox.entry(event, now, context) for event in decision.events]
            stored = await self._record(key, stored, decision, entries)
            outcomes = await self.reconciler.act(key, observed, decision.actions) if decision.actions else ()
            trouble = await self._tell(key, stored, entries, trouble)
            # What was done is decided on first; then the hints are told again, until nothing more follows from them:
            # a decision that was busy with something else has not heard them.
            told = () if decision.actions else hints
            if not decision.actions and (stored is before or not hints):
                return await self._rest(key, stored, decision.wake_at, trouble)
        raise RetryLater(Reason.INTERNAL_ERROR, f"{key} did not come to rest in {TURNS_LIMIT} turns")

    async def _record(
        self,
        key: str,
        stored: Stored[StateT] | None,
        decision: Decision[StateT, ActionT],
        entries: Sequence[OutboxEntry],
    ) -> Stored[StateT] | None:
        if self.store is None:
            return None
        old = stored.state if stored else None
        state = decision.state if decision.state is not None else old
        if state is None or (state == old and not entries):
            return stored
        if stored is not None and len(stored.outbox) + len(entries) > outbox.OUTBOX_LIMIT:
            await self._publish(key, stored.outbox)  # what the bus takes makes room; nothing else ever would
        owed = outbox.appended(self._owed(key, stored, len(entries)), entries)
        return await self._write(key, state, owed, stored)

    async def _write(
        self, key: str, state: StateT, owed: tuple[OutboxEntry, ...], stored: Stored[StateT] | None
    ) -> Stored[StateT]:
        assert self.store is not None  # noqa: S101 - only called where there is one
        version = await self.store.write(key, state, owed, stored.version if stored else None)
        return Stored(state, version, owed)

    def _owed(self, key: str, stored: Stored[StateT] | None, new: int) -> tuple[OutboxEntry, ...]:
        """What the next write has to keep: what is not published, and what somebody may still have to record."""
        if stored is None:
            return ()
        published = self._told.get(key, Told()).at
        awaited = set(self.receipts.awaited(key, [entry for entry in stored.outbox if entry.id in published]))
        owed = [entry for entry in stored.outbox if entry.id not in published or entry.id in awaited]
        return self._bounded(key, owed, awaited, new)

    def _bounded(self, key: str, owed: Sequence[OutboxEntry], held: set[str], new: int = 0) -> tuple[OutboxEntry, ...]:
        kept, dropped = outbox.bounded(owed, held, new)
        if dropped:
            log.warning(
                "events leave the outbox unrecorded",
                key=key,
                reason=Reason.OUTBOX_OVERFLOW,
                events=[f"{entry.type} {entry.id}" for entry in dropped],
            )
        return kept

    async def _tell(
        self, key: str, stored: Stored[StateT] | None, entries: Sequence[OutboxEntry], trouble: RetryLater | None
    ) -> RetryLater | None:
        """Publish what is owed; return why the bus did not take it.

        Work goes on meanwhile, so that what was done is recorded and not done again: the outbox keeps what it owes, and the
        look ends with the trouble. Without a state object nobody keeps anything: the trouble is raised at once.
        """
        if stored is None:
            await self._publish(key, entries)
        elif trouble is None:
            try:
                await self._publish(key, stored.outbox)
            except RetryLater as error:
                return error
        return trouble

    async def _publish(self, key: str, owed: Sequence[OutboxEntry]) -> Told:
        told = self._told.setdefault(key, Told())
        waiting = [entry for entry in owed if entry.id not in told.at]
        if waiting:
            await self.publisher.publish(waiting)
            earlier = [entry for entry in owed if entry.id in told.at]
            told.published(owed, self.clock.now(), pressing=bool(self.receipts.awaited(key, earlier)))
        return told

    async def _rest(
        self, key: str, stored: Stored[StateT] | None, wake_at: datetime | None, trouble: RetryLater | None
    ) -> datetime | None:
        """Nothing more to do now: see to it that a quiet object owes nothing, and say when to look again."""
        if trouble is not None:
            raise trouble
        if stored is None or not stored.outbox:
            self._told.pop(key, None)
            return wake_at
        told = await self._publish(key, stored.outbox)
        if told.due is None or self.clock.now() >= told.due:
            held = await self._settle(key, stored, told)
            if held != stored.outbox and stored.state is not None:
                await self._write(key, stored.state, held, stored)
            if not held:
                self._told.pop(key, None)
                return wake_at
        return min(wake_at, told.due) if wake_at and told.due else told.due

    async def _settle(self, key: str, stored: Stored[StateT], told: Told) -> tuple[OutboxEntry, ...]:
        """Return the entries that have to stay, having told again those whose time has come."""
        awaited = set(self.receipts.awaited(key, stored.outbox))
        asked = [entry for entry in stored.outbox if entry.id in awaited]
        missing = set(await self.receipts.outstanding(key, asked)) if asked else set()
        held = self._bounded(key, [entry for entry in asked if entry.id in missing], missing)
        now = self.clock.now()
        again = [entry for entry in held if told.repeat_at(entry) <= now]
        if again:
            log.info("events told again", key=key, events=[f"{entry.type} {entry.id}" for entry in again])
            await self.publisher.repeat(again)
            told.at.update((entry.id, now) for entry in again)
        told.due = min((told.repeat_at(entry) for entry in held), default=None)
        return held
