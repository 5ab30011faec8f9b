"""When a published event may leave the outbox (architecture §2): at once, or once somebody has recorded what follows from it.

Bookkeeping of what this process knows; `wavegate.runtime.reconciliation` asks and acts.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from wavegate.contracts.reconciling import OutboxEntry

SETTLE = timedelta(seconds=10)
"""How long a published entry may lie in a quiet object before a write of its own removes it."""

PACE = timedelta(seconds=30)
"""The least time between two tellings of one entry; each further one waits as long again as the entry has waited so far."""


class Receipts(Protocol):
    """Knows who has to record something before a published event may leave the outbox."""

    def awaited(self, key: str, entries: Sequence[OutboxEntry]) -> Collection[str]:
        """Return the ids of the entries that somebody may have to record. Asked before every write: it costs no call."""

    async def outstanding(self, key: str, entries: Sequence[OutboxEntry]) -> Collection[str]:
        """Return the ids of those awaited entries that are not known to be recorded. Asked of published, settled ones.

        Raises nothing for the sake of whoever cannot be asked: what is not known is outstanding.
        """


class NobodyWaits:
    """The usual receipts: what the streams have stored is owed to nobody."""

    def awaited(self, key: str, entries: Sequence[OutboxEntry]) -> Collection[str]:
        """Return none."""
        del key, entries
        return ()

    async def outstanding(self, key: str, entries: Sequence[OutboxEntry]) -> Collection[str]:
        """Return none."""
        del key, entries
        return ()


@dataclass(slots=True)
class Told:
    """What the streams have stored of a key's outbox although the state object still lists it.

    `at` holds when each entry was told last, by its id; `due` is when to see which of them may leave.
    """

    at: dict[str, datetime] = field(default_factory=dict)
    due: datetime | None = None

    def published(self, outbox: Sequence[OutboxEntry], now: datetime, *, pressing: bool) -> None:
        """Note that all of `outbox` is published. `pressing`: others wait already, and are not put off by the new ones."""
        settled = now + SETTLE
        self.due = min(self.due, settled) if self.due and pressing else settled
        self.at = {entry.id: self.at.get(entry.id, now) for entry in outbox}

    def repeat_at(self, entry: OutboxEntry) -> datetime:
        """Return when an entry that stays unrecorded is told again."""
        last = self.at[entry.id]
        return last + max(PACE, last - entry.time)
