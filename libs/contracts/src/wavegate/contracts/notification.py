"""Events of notifications (notifier). They never carry a secret or a destination's credential."""

from typing import ClassVar

from wavegate.contracts.events import Event, ObjectMessage
from wavegate.contracts.reasons import Reason


class NotificationEvent(ObjectMessage, Event):
    """An event of one owed message. `key` is the ledger key: trigger, condition, oncePer and destination."""

    AREA: ClassVar[str] = "notification"

    key: str
    trigger: str
    service: str
    recipient: str


class NotificationIntended(NotificationEvent):
    """The ledger recorded that a message is owed."""


class NotificationDelivered(NotificationEvent):
    """The destination accepted the message. `receipt` is what it gave back (Slack `ts`, PagerDuty incident)."""

    attempt: int
    receipt: str = ""
    text: str = ""


class NotificationFailed(NotificationEvent):
    """A message could not be delivered. `final` says whether it will be tried again."""

    attempt: int
    reason: Reason
    detail: str
    final: bool
