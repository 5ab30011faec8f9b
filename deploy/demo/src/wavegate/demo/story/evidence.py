"""What was seen from outside: the event stream, the API server's objects and audit log, the receivers' records.

The services' own logs are no evidence.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

JsonObject = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """An event of the public stream; `time` is when the observer got it, `said` when the service said it."""

    name: str
    id: str
    time: datetime
    data: JsonObject
    cause: str = ""
    traceparent: str = ""
    said: datetime | None = None

    @property
    def shas(self) -> frozenset[str]:
        """The commits that it names."""
        named = {str(commit["sha"]) for commit in self.data.get("commits") or ()}
        return frozenset(named | ({str(self.data["sha"])} if "sha" in self.data else set()))


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A write that the API server carried out. `object` is how it left the object; None where the log has no bodies."""

    time: datetime
    user: str
    verb: str
    resource: str
    namespace: str
    name: str
    subresource: str = ""
    dry_run: bool = False
    object: JsonObject | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """What reached a receiver. `accepted` is the message; None where it was refused, for the reason in `answer`."""

    receiver: str
    time: datetime
    status: int
    accepted: JsonObject | None
    answer: JsonObject


class ObjectName(NamedTuple):
    """One object of a kind that the story follows."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Live:
    """An object as the API server last showed it; None once it is gone. `time` is when that was seen."""

    time: datetime
    object: JsonObject | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that was seen up to a moment."""

    events: tuple[SeenEvent, ...] = ()
    audit: tuple[AuditEntry, ...] = ()
    received: tuple[Received, ...] = ()
    objects: Mapping[ObjectName, Live] = field(default_factory=dict)

    def since(self, time: datetime) -> "Evidence":
        """Leave out what happened before; objects stay as they are."""
        return replace(
            self,
            events=_later(self.events, time),
            audit=_later(self.audit, time),
            received=_later(self.received, time),
        )

    def event(self, id_: str) -> SeenEvent | None:
        """Return the event of an id."""
        return next((event for event in self.events if event.id == id_), None)

    def live(self, kind: str, namespace: str, name: str) -> JsonObject | None:
        """Return an object as it stands."""
        seen = self.objects.get(ObjectName(kind, namespace, name))
        return seen.object if seen else None


_Timed = TypeVar("_Timed", SeenEvent, AuditEntry, Received)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A stage that was observed: when, what is to be told of it, and the event that proves it, if one does."""

    time: datetime
    text: str = ""
    event: str = ""


def _later(seen: Iterable[_Timed], time: datetime) -> tuple[_Timed, ...]:
    return tuple(each for each in seen if each.time >= time)
