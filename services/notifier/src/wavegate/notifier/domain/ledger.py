"""The ledger of one object: every message that is or was owed about it (state of a NotificationLedger).

An entry's life: intended → sending → delivered, or back to intended for another attempt, or failed. `sending` is written
before the destination is called; whoever finds it without an outcome in hand does not know whether the message arrived,
and asks the destination before sending again.
"""

from datetime import datetime
from enum import StrEnum

from wavegate.contracts.model import Contract
from wavegate.contracts.reasons import Reason
from wavegate.contracts.references import Commit
from wavegate.notifier.domain.destinations import Destination
from wavegate.notifier.domain.messages import Message
from wavegate.notifier.domain.verdicts import Problem


class Status(StrEnum):
    """Where an entry stands."""

    INTENDED = "intended"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


OWED = frozenset({Status.INTENDED, Status.SENDING})


class Entry(Contract):
    """One message.

    Attributes:
        id: of this occurrence; the destination is asked by it whether the message arrived.
        key: what Argo would remember it under; another occurrence of the same key may follow once it was forgotten.
        once: whether the key holds a `oncePer` value: it is then never forgotten because the condition turned false.
        message: what to send; dropped once delivered, its digest stays.
        attempt: attempts begun.
        doubt: an attempt ended without an answer: the message may have arrived.
        forgotten: the condition turned false while the message was still owed: the entry goes once it is delivered.
        configuration: the configuration under which it failed; another one gives it a new chance.
        cause, traceparent, commits, intent: of the event that led to it, for the events about it.
    """

    id: str
    key: str
    trigger: str
    service: str
    recipient: str = ""
    once: bool = False
    status: Status = Status.INTENDED
    message: Message | None = None
    digest: str = ""
    attempt: int = 0
    next_attempt_at: datetime | None = None
    doubt: bool = False
    forgotten: bool = False
    receipt: str = ""
    group: str = ""
    reason: Reason | None = None
    detail: str = ""
    configuration: str = ""
    intended_at: datetime
    finished_at: datetime | None = None
    cause: str | None = None
    traceparent: str | None = None
    commits: tuple[Commit, ...] = ()
    intent: int | None = None

    @property
    def destination(self) -> Destination:
        """Return where it goes."""
        return Destination(self.service, self.recipient)

    @property
    def owed(self) -> bool:
        """Tell whether it is still to be delivered."""
        return self.status in OWED


class Ledger(Contract):
    """The state of a NotificationLedger. `sequence` counts occurrences; `uid` is the object that it is about.

    `heard` holds the ids of the newest events that were decided on, for objects whose notifications are about events: an
    event that comes again says nothing new, and whoever published one sees here that it may forget it.
    """

    uid: str = ""
    sequence: int = 0
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()
    heard: tuple[str, ...] = ()

    def known_keys(self) -> frozenset[str]:
        """Return the keys for which nothing new is to be sent."""
        return frozenset(entry.key for entry in self.entries if not entry.forgotten)
