"""One look at one key: observe → decide → record → act → publish (architecture §2).

Free of tasks and queues, so that a test can crash it between any two steps and start it again.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

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

ObservedT = TypeVar("ObservedT")
StateT = TypeVar("StateT")
ActionT = TypeVar("ActionT")

TURNS_LIMIT = 2_000
CONFLICTS_LIMIT = 20
SETTLE = timedelta(seconds=10)


@dataclass(slots=True)
class _Published:
    """What the streams have stored of a key's outbox although the state object still lists it."""

    ids: set[str] = field(default_factory=set)
    at: datetime | None = None


@dataclass(slots=True)
class Reconciliation(Generic[ObservedT, StateT, ActionT]):
    """Looks at one key at a time, until there is nothing left to do.

    Entries that the streams have stored leave the outbox with the next write that happens anyway; when none comes within
    `SETTLE`, by one of their own. So a transition costs one write, and a quiet object owes nothing.
    """

    reconciler: Reconciler[ObservedT, StateT, ActionT]
    store: StateStore[StateT] | None
    publisher: outbox.Publisher
    clock: Clock
    _published: dict[str, _Published] = field(default_factory=dict)

    async def run(self, key: str, hints: Sequence[Hint] = ()) -> datetime | None:
        """Bring `key` as far as it goes now; return when it wants to be looked at again.

        Raises:
            RetryLater, Rejected: As observing or acting said.
        """
        for _ in range(CONFLICTS_LIMIT):
            with suppress(StateConflict):
                return await self._look(key, hints)
        raise RetryLater(Reason.API_UNAVAILABLE, f"the state of {key} changed {CONFLICTS_LIMIT} times while writing it")

    async def _look(self, key: str, hints: Sequence[Hint]) -> datetime | None:
        context = next((hint.traceparent for hint in hints if hint.traceparent), None)
        stored = await self.store.read(key) if self.store else None
        outcomes: Sequence[Any] = ()
        told = hints
        for _ in range(TURNS_LIMIT):
            before = stored
            state = stored.state if stored else None
            observed = await self.reconciler.observe(key, state, told)
            if observed is None:
                return await self._rest(key, stored, None)
            now = self.clock.now()
            decision = self.reconciler.decide(observed, state, outcomes, now)
            entries = [outbox.entry(event, now, context) for event in decision.events]
            stored = await self._record(key, stored, decision, entries)
            outcomes = await self.reconciler.act(key, observed, decision.actions) if decision.actions else ()
            await self._publish(key, stored.outbox if stored else entries)
            # What was done is decided on first; then the hints are told again, until nothing more follows from them:
            # a decision that was busy with something else has not heard them.
            told = () if decision.actions else hints
            if not decision.actions and (stored is before or not hints):
                return await self._rest(key, stored, decision.wake_at)
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
        owed = outbox.appended(self._owed(key, stored), entries)
        return await self._write(key, state, owed, stored)

    async def _write(
        self, key: str, state: StateT, owed: tuple[OutboxEntry, ...], stored: Stored[StateT] | None
    ) -> Stored[StateT]:
        assert self.store is not None  # noqa: S101 - only called where there is one
        version = await self.store.write(key, state, owed, stored.version if stored else None)
        return Stored(state, version, owed)

    def _owed(self, key: str, stored: Stored[StateT] | None) -> tuple[OutboxEntry, ...]:
        done = self._published.get(key, _Published()).ids
        return tuple(entry for entry in stored.outbox if entry.id not in done) if stored else ()

    async def _publish(self, key: str, owed: Sequence[OutboxEntry]) -> None:
        published = self._published.setdefault(key, _Published())
        waiting = [entry for entry in owed if entry.id not in published.ids]
        if waiting:
            await self.publisher.publish(waiting)
            published.at = self.clock.now()
        published.ids = {entry.id for entry in owed}

    async def _rest(self, key: str, stored: Stored[StateT] | None, wake_at: datetime | None) -> datetime | None:
        """Nothing more to do now: see to it that a quiet object owes nothing, and say when to look again."""
        if stored is None or not stored.outbox:
            self._published.pop(key, None)
            return wake_at
        await self._publish(key, stored.outbox)
        settled = (self._published[key].at or self.clock.now()) + SETTLE
        if self.clock.now() < settled:
            return min(wake_at, settled) if wake_at else settled
        if stored.state is not None:
            await self._write(key, stored.state, (), stored)
        self._published.pop(key, None)
        return wake_at
