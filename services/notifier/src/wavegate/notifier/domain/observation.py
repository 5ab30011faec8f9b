"""What a look at one object found, and what a delivery gave: the inputs of the decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from wavegate.contracts.reasons import Reason
from wavegate.contracts.references import Commit, ObjectRef
from wavegate.notifier.domain.destinations import Destination
from wavegate.notifier.domain.messages import Message
from wavegate.notifier.domain.verdicts import Problem, Verdict


@dataclass(frozen=True, slots=True)
class Unsendable:
    """Why no message could be made."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The event that led to a look: its id, its trace, and the commits and intent that it named."""

    cause: str | None = None
    traceparent: str | None = None
    commits: tuple[Commit, ...] = ()
    intent: int | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One object as it stands, judged by the configuration `configuration` (a version).

    `messages` holds, by ledger key, what is to be said for every triggered verdict that the ledger does not know;
    `notified` is what Argo CD's own annotation says was sent before we came; `heard` are the ids of the events that the
    verdicts are about, where they are about events.
    """

    object: ObjectRef
    configuration: str
    verdicts: tuple[Verdict, ...] = ()
    messages: Mapping[str, Message | Unsendable] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    origin: Origin = Origin()
    notified: Mapping[str, Any] = field(default_factory=dict)
    heard: tuple[str, ...] = ()

    def with_messages(self, messages: Mapping[str, Message | Unsendable]) -> "Observation":
        """Return the same with messages."""
        return replace(self, messages=messages)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The action: bring one message to its destination.

    `since` is when it was first owed. `doubt`: an earlier attempt may have arrived, so ask before sending. `thread` is the
    receipt of the message that opened its group, empty when this one does.
    """

    entry: str
    destination: Destination
    message: Message
    attempt: int
    since: datetime
    doubt: bool = False
    thread: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The destination has the message. `receipt` is what it calls it."""

    entry: str
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The destination will not have this message, however often it is asked."""

    entry: str
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Postponed:
    """Not now. `after_seconds` is what the destination asked for.

    `doubt`: the request may have been acted on. `asked`: the destination was called at all; else it was left in peace
    because it had just asked others to wait.
    """

    entry: str
    reason: Reason
    detail: str
    after_seconds: float = 0.0
    doubt: bool = False
    asked: bool = True


Outcome = Accepted | Refused | Postponed
