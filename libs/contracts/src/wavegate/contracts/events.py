"""The base of events and commands, and the register of all of them.

An event says what happened (past tense); a command asks (imperative). Both are frozen, versioned in their type and carry
the object they speak of, the commits and the intent that led to them (architecture §9).
"""

from dataclasses import dataclass
from typing import ClassVar

from wavegate.contracts.model import Contract
from wavegate.contracts.references import Commit, ObjectRef

TYPE_PREFIX = "dev.wavegate"


class Message(Contract):
    """What events and commands share."""

    AREA: ClassVar[str]
    VERSION: ClassVar[int] = 1

    commits: tuple[Commit, ...] = ()
    intent: int | None = None

    @classmethod
    def name(cls) -> str:
        """Return the message's name as the table in architecture §9 gives it."""
        return cls.__name__

    @classmethod
    def type_name(cls) -> str:
        """Return the CloudEvents type, such as `dev.wavegate.application.SyncSucceeded.v1`."""
        return f"{TYPE_PREFIX}.{cls.AREA}.{cls.__name__}.v{cls.VERSION}"

    @property
    def subject_tokens(self) -> tuple[str, str]:
        """Return the two subject tokens that say which object this is about (not yet encoded)."""
        raise NotImplementedError

    @property
    def object_uid(self) -> str:
        """Return what the event id takes as the object's identity."""
        raise NotImplementedError

    @property
    def work_key(self) -> str:
        """Return the key that orders this message's work in a service that acts on it."""
        return "/".join(self.subject_tokens)


class Event(Message):
    """Something that happened."""


class Command(Message):
    """A request to one service."""


class ObjectMessage(Message):
    """A message about one Kubernetes object."""

    object: ObjectRef

    @property
    def subject_tokens(self) -> tuple[str, str]:
        """Return namespace and name."""
        return (self.object.namespace, self.object.name)

    @property
    def object_uid(self) -> str:
        """Return the object's uid, or its key where it has none."""
        return self.object.uid or self.object.key


@dataclass(frozen=True, slots=True)
class Emitted:
    """An event or command as a decision gives it: with what makes this occurrence unique, and what caused it.

    `occurrence` follows architecture §2 (message id + index; uid + resourceVersion; object + due time; intent + attempt).
    `cause` is the id of the causing message; `traceparent` is the W3C context to go on with.
    """

    message: Message
    occurrence: str
    cause: str | None = None
    traceparent: str | None = None
