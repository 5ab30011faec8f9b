"""How the story is told: one line a stage, with milliseconds since the push; and what is said when a stage is missing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from wavegate.demo.story.audit import weights
from wavegate.demo.story.evidence import Evidence, JsonObject, SeenEvent, Sighting
from wavegate.demo.story.looks import Stage, field

_TAIL = 12
_TOLD = ("wave", "step", "kind", "weight", "phase", "value", "reason", "detail", "status", "by", "trigger", "recipient")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline. `ms` counts from the push, or the edit, that everything follows from."""

    ms: int
    commit: str
    stage: str
    text: str
    event: str

    def __str__(self) -> str:
        head, *rest = self.text.splitlines() or [""]
        shown = f"{self.ms:>7} ms  {self.commit:<7}  {self.stage:<18} {head}".rstrip()
        return "\n".join([shown, *(f"{'':40}{line}" for line in rest)])


def line(stage: str, sighting: Sighting, commit: str, begun: datetime) -> Line:
    """Tell of one sighting."""
    ms = round((sighting.time - begun).total_seconds() * 1000)
    return Line(max(ms, 0), commit[:7], stage, sighting.text, sighting.event)


def newly_seen(seen: Mapping[str, Sighting], told: Iterable[str], until: datetime) -> list[tuple[str, Sighting]]:
    """Return what happened until a time and was not told yet, in the order in which it happened."""
    known = frozenset(told)
    fresh = [(name, seen_) for name, seen_ in seen.items() if name not in known and seen_.time <= until]
    return sorted(fresh, key=lambda each: each[1].time)


def missing_report(missing: Iterable[Stage], evidence: Evidence) -> str:
    """Say which stages were not observed, how the objects stand, and what the last events were."""
    lines = [f"MISSING {stage.name}: wanted {stage.wanted}" for stage in missing]
    lines += ["", "how it stands:", *(f"  {each}" for each in _standing(evidence))]
    lines += ["", "the last events:", *(f"  {event_line(event)}" for event in evidence.events[-_TAIL:])]
    return "\n".join(lines)


def _standing(evidence: Evidence) -> list[str]:
    told = []
    for name, live in evidence.objects.items():
        if live.object is not None and name.kind in _SUMMARIES:
            told.append(f"{name.kind} {name.name}: {_SUMMARIES[name.kind](live.object)}")
    refused = [each for each in evidence.received if each.accepted is None]
    told += [f"{each.receiver} refused a message: {each.answer}" for each in refused]
    return told or ["nothing is there"]


def _application(app: JsonObject) -> str:
    status = app.get("status") or {}
    words = (
        field(status, "sync", "status"),
        (field(status, "sync", "revision") or "")[:7],
        field(status, "health", "status"),
        field(status, "operationState", "phase"),
        field(status, "operationState", "message"),
        *(f"{each.get('type')}: {each.get('message')}" for each in status.get("conditions") or ()),
    )
    return ", ".join(str(word) for word in words if word) or "no status yet"


def _phase(obj: JsonObject) -> str:
    status = obj.get("status") or {}
    return ", ".join(
        str(status[key]) for key in ("phase", "message", "currentStepIndex") if status.get(key) is not None
    )


_SUMMARIES: Mapping[str, Callable[[JsonObject], str]] = {
    "Application": _application,
    "Rollout": _phase,
    "AnalysisRun": _phase,
    "VirtualService": lambda obj: str(weights(obj)),
}


def event_line(event: SeenEvent) -> str:
    """Tell of an event in one line."""
    said = [f"{key}={event.data[key]}" for key in _TOLD if event.data.get(key) not in (None, "", [])]
    return f"{event.time:%H:%M:%S.%f}"[:-3] + f" {event.name} {' '.join(said)} [{event.id[:8]}]"
