"""The outbox: events as recorded in the write that made them true, published afterwards (architecture §2).

An entry is built once, with its id, its time and its JSON, and published from that record alone: whoever publishes it,
whenever and however often, sends the same bytes under the same id.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from wavegate.contracts.events import Emitted
from wavegate.contracts.failures import RetryLater
from wavegate.contracts.identity import event_id
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import OutboxEntry

OUTBOX_LIMIT = 256


class Publisher(Protocol):
    """Puts outbox entries on the bus; returns once the streams have stored them."""

    async def publish(self, entries: Sequence[OutboxEntry]) -> None:
        """Publish entries in order, each under its id.

        Raises:
            RetryLater: The bus did not store them all; publishing all again is safe.
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
