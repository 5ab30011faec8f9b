"""Ways of looking at the evidence. Each returns a sighting once its matter is there, None until then."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wavegate.demo.story.evidence import AuditEntry, Evidence, JsonObject, ObjectName, SeenEvent, Sighting

Look = Callable[[Evidence], Sighting | None]
Fields = Callable[[JsonObject], bool]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the story: its name, and what has to be seen of it. `wanted` says so in words."""

    name: str
    wanted: str
    look: Look


def _anything(_: JsonObject) -> bool:
    return True


def an_event(
    name: str, *, sha: str = "", where: Fields = _anything, text: Callable[[JsonObject], str] = lambda _: ""
) -> Look:
    """See the first event of a name, of a commit if one is given, whose data fit."""

    def look(evidence: Evidence) -> Sighting | None:
        for event in evidence.events:
            if event.name == name and (not sha or sha in event.shas) and where(event.data):
                return Sighting(event.time, text(event.data), event.id)
        return None

    return look


def an_object(kind: str, namespace: str, name: str, fits: Fields, text: str = "") -> Look:
    """See an object stand as wanted."""

    def look(evidence: Evidence) -> Sighting | None:
        seen = evidence.objects.get(ObjectName(kind, namespace, name))
        fitting = seen is not None and seen.object is not None and fits(seen.object)
        return Sighting(seen.time, text) if fitting and seen else None

    return look


def no_object(kind: str, namespace: str, name: str) -> Look:
    """See that an object which was there is gone."""

    def look(evidence: Evidence) -> Sighting | None:
        seen = evidence.objects.get(ObjectName(kind, namespace, name))
        return Sighting(seen.time) if seen and seen.object is None else None

    return look


def a_write(who: str, verb: str, resource: str, name: str, fits: Fields = _anything) -> Look:
    """See in the audit log that a user wrote an object; `fits` is asked of the object as the write left it."""

    def look(evidence: Evidence) -> Sighting | None:
        for entry in evidence.audit:
            if _is(entry, who, verb, resource, name) and fits(entry.object or {}):
                return Sighting(entry.time)
        return None

    return look


def any_write(who: str, resource: str, name: str, fits: Fields = _anything) -> Look:
    """See a user's write by patch or by update."""
    ways = [a_write(who, verb, resource, name, fits) for verb in ("patch", "update")]
    return lambda evidence: next((seen for way in ways if (seen := way(evidence))), None)


def _is(entry: AuditEntry, who: str, verb: str, resource: str, name: str) -> bool:
    written = (entry.user, entry.verb, entry.resource, entry.name) == (who, verb, resource, name)
    return written and not entry.dry_run


def all_of(*looks: Look) -> Look:
    """See all of them: the time is the latest, the event and the words are those of the first that has any."""

    def look(evidence: Evidence) -> Sighting | None:
        seen = [each(evidence) for each in looks]
        found = [sighting for sighting in seen if sighting is not None]
        if len(found) < len(seen):
            return None
        return Sighting(
            max(sighting.time for sighting in found),
            next((sighting.text for sighting in found if sighting.text), ""),
            next((sighting.event for sighting in found if sighting.event), ""),
        )

    return look


def saying(text: str, look: Look) -> Look:
    """See what a look sees, and tell it in other words."""

    def said(evidence: Evidence) -> Sighting | None:
        seen = look(evidence)
        return Sighting(seen.time, text, seen.event) if seen else None

    return said


def progress(stages: Iterable[Stage], evidence: Evidence) -> tuple[Mapping[str, Sighting], tuple[Stage, ...]]:
    """Return what was seen, by the stage's name, and the stages that are missing."""
    seen: dict[str, Sighting] = {}
    missing = []
    for stage in stages:
        sighting = stage.look(evidence)
        if sighting is None:
            missing.append(stage)
        else:
            seen[stage.name] = sighting
    return seen, tuple(missing)


def field(obj: JsonObject, *path: str) -> Any:
    """Return a value inside an object, None where the path ends early."""
    value: Any = obj
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def delivered(receiver: str, sha: str, fits: Fields = _anything) -> Look:
    """See a message about a commit that a receiver accepted, and the event that says so with the receiver's receipt.

    The words are the exact text, with the event that caused the message.
    """

    def look(evidence: Evidence) -> Sighting | None:
        by_receipt = {
            event.data.get("receipt"): event
            for event in reversed(evidence.events)
            if event.name == "NotificationDelivered" and sha in event.shas
        }
        for received in evidence.received:
            accepted = received.accepted or {}
            event = by_receipt.get(accepted.get("receipt"))
            if received.receiver == receiver and event is not None and fits(accepted):
                return Sighting(received.time, _message_text(accepted, evidence, event), event.id)
        return None

    return look


def _message_text(accepted: JsonObject, evidence: Evidence, event: SeenEvent) -> str:
    text = str(accepted.get("text") or f"{accepted.get('summary')} [incident {accepted.get('receipt')}]").strip()
    cause = evidence.event(event.cause)
    return f"{text}\n(because of {cause.name if cause else 'event'} {event.cause})"
