"""What the ledger keeps. It lies in one Kubernetes object, so it is bounded in entries and in bytes."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from itertools import islice

from wavegate.notifier.domain.ledger import Entry, Status

OWED_LIMIT = 30
"""Messages that may wait at once; with `messages.MAX_BYTES` each they stay below half of what etcd takes."""

KEPT_PER_SUBSCRIPTION = 20
"""Finished entries of one trigger and destination: so many earlier `oncePer` values are remembered."""

KEPT = 200
FAILED_WITH_MESSAGE = 10

HEARD = 128
"""Ids of events that are remembered: twice as many as an outbox holds back, so that none of those is ever news again."""


def excess_owed(entries: Iterable[Entry]) -> list[Entry]:
    """Return the oldest entries that have to give way."""
    waiting = [entry for entry in entries if entry.owed]
    return waiting[: max(0, len(waiting) - OWED_LIMIT)]


def heard(known: tuple[str, ...], new: Iterable[str]) -> tuple[str, ...]:
    """Return the newest ids of events, the new ones included."""
    return tuple(dict.fromkeys((*known, *new)))[-HEARD:]


def compacted(entries: tuple[Entry, ...], current: AbstractSet[str]) -> tuple[Entry, ...]:
    """Return the entries without the oldest finished ones.

    What is owed stays, and so does every key of `current`, the conditions as they stand now: forgetting one of those
    would send its message again.
    """
    kept = _recent(entries, current)
    return _without_old_messages(tuple(entry for entry in entries if entry.id in kept))


def _recent(entries: tuple[Entry, ...], current: AbstractSet[str]) -> set[str]:
    needed = {entry.id for entry in entries if entry.owed or entry.key in current}
    counted: Counter[tuple[str, str, str]] = Counter()
    recent: list[str] = []
    for entry in reversed([one for one in entries if one.id not in needed]):
        subscription = (entry.trigger, entry.service, entry.recipient)
        counted[subscription] += 1
        if counted[subscription] <= KEPT_PER_SUBSCRIPTION:
            recent.append(entry.id)
    return needed | set(islice(recent, max(0, KEPT - len(needed))))


def _without_old_messages(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Drop what was to be said from all but the newest failures."""
    failed = [entry.id for entry in entries if entry.status is Status.FAILED and entry.message is not None]
    old = set(failed[:-FAILED_WITH_MESSAGE])
    return tuple(entry.model_copy(update={"message": None}) if entry.id in old else entry for entry in entries)
