"""Events of the platform itself (any service)."""

from typing import ClassVar

from wavegate.contracts.events import Event
from wavegate.contracts.reasons import Reason


class PlatformEvent(Event):
    """An event of one service."""

    AREA: ClassVar[str] = "platform"

    service: str
    member: str = "0"

    @property
    def subject_tokens(self) -> tuple[str, str]:
        """Return service and member."""
        return (self.service, self.member)

    @property
    def object_uid(self) -> str:
        """Return service and member."""
        return "/".join(self.subject_tokens)


class DeadLettered(PlatformEvent):
    """A message was given up and lies in the dead-letter stream (architecture §2)."""

    message_subject: str
    message_id: str
    reason: Reason
    detail: str


class MemberJoined(PlatformEvent):
    """A replica began to serve."""


class MemberLeft(PlatformEvent):
    """A replica stopped serving."""


class StreamsRecreated(PlatformEvent):
    """The bus lost its streams and has them again: every service rescans (architecture §9)."""

    streams: tuple[str, ...]
