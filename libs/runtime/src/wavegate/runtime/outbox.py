"""The outbox: events as recorded in the write that made them true, published afterwards (architecture §2).

An entry is built once, with its id, its time and its JSON, and published from that record alone: whoever publishes it,
whenever and however often, sends the same bytes under the same id.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from wavegate.contracts.events import Emitted
from wavegate.contracts.failures import RetryLater
from wavegate.contracts.identity import event_id
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import OutboxEntry

OUTBOX_LIMIT = 256

HELD_LIMIT = 64
"""Published entries that may wait for somebody to record them; older ones give way."""


class Publisher(Protocol):
    """Puts outbox entries on the bus; returns once the streams have stored them."""

    async def publish(self, entries: Sequence[OutboxEntry]) -> None:
        """Publish entries in order, each under its id.

        Raises:
            RetryLater: The bus did not store them all; publishing all again is safe.
        """

    async def repeat(self, entries: Sequence[OutboxEntry]) -> None:
        """Hand published entries to their workers once more, past the bus's memory of what it has seen already.

        Raises:
            RetryLater: The bus did not store them all; whoever acts on an entry knows it by its id.
        """


def entry(emitted: Emitted, now: datetime, traceparent: str | None = None) -> OutboxEntry:
    """Build the record of an event. `traceparent` is used where the event brings none."""
    message = emitted.message
    type_ = message.type_name()
    return OutboxEntry(
        id=event_id(type_, message.object_uid, emitted.occurrence),
        type=type_,
        time=now,
        data=message.to_json(),
        cause=emitted.cause,
        traceparent=emitted.traceparent or traceparent,
    )


def appended(outbox: Sequence[OutboxEntry], new: Sequence[OutboxEntry]) -> tuple[OutboxEntry, ...]:
    """Return the outbox with new entries; an entry already there is not owed twice.

    Raises:
        RetryLater: The outbox is full; nothing may change until the bus has taken what is owed.
    """
    known = {old.id for old in outbox}
    result = (*outbox, *(one for one in new if one.id not in known))
    if len(result) > OUTBOX_LIMIT and new:
        raise RetryLater(Reason.OUTBOX_OVERFLOW, f"{len(outbox)} events wait for the bus", after_seconds=5.0)
    return result


def bounded(
    outbox: Sequence[OutboxEntry], held: Collection[str], new: int = 0
) -> tuple[tuple[OutboxEntry, ...], tuple[OutboxEntry, ...]]:
    """Return the outbox with room for `new` entries, and the published entries (`held`) that gave way, oldest first.

    An entry that was published and waits to be recorded may never stop a transition; one that was not published may.
    """
    waiting = [entry for entry in outbox if entry.id in held]
    room = max(0, min(HELD_LIMIT, OUTBOX_LIMIT - (len(outbox) - len(waiting)) - new))
    dropped = tuple(waiting[: max(0, len(waiting) - room)])
    gone = {entry.id for entry in dropped}
    return tuple(entry for entry in outbox if entry.id not in gone), dropped
