"""One trace per commit, as one readable document: the services' spans and the events, in the order of time."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from wavegate.demo.story.evidence import SeenEvent


def trace_id(traceparent: str) -> str:
    """Return the trace id of a W3C traceparent, empty where there is none."""
    parts = traceparent.split("-")
    return parts[1] if len(parts) == 4 else ""


def trace_of(sha: str, events: Iterable[SeenEvent]) -> str:
    """Return the trace id of a commit: that of the event by which it was observed."""
    observed = (event for event in events if event.name == "RevisionObserved" and event.data.get("sha") == sha)
    return next((trace_id(event.traceparent) for event in observed), "")


def spans(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Read JSON lines of spans; a line that a killed service left half written is passed over."""
    read = []
    for each in lines:
        try:
            read.append(json.loads(each))
        except ValueError:
            continue
    return read


def document(sha: str, events: Iterable[SeenEvent], all_spans: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a commit's trace. Times are UTC; `ms` is how long a span took, `atMs` counts from the first entry."""
    told = list(events)
    trace = trace_of(sha, told)
    entries = [_event(event) for event in told if trace and trace_id(event.traceparent) == trace]
    entries += [_span(span) for span in all_spans if trace and span.get("traceId") == trace]
    entries.sort(key=_time)
    return {
        "commit": sha,
        "traceId": trace,
        "entries": [{"atMs": _since(entry, entries[0]), **entry} for entry in entries],
    }


def _time(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["time"])


def _since(entry: Mapping[str, Any], first: Mapping[str, Any]) -> float:
    return round((_time(entry) - _time(first)).total_seconds() * 1000, 1)


def _event(event: SeenEvent) -> dict[str, Any]:
    return {
        "time": (event.said or event.time).astimezone(UTC).isoformat(),
        "event": event.name,
        "id": event.id,
        "cause": event.cause or None,
        "span": event.traceparent.split("-")[2] if trace_id(event.traceparent) else None,
        "data": dict(event.data),
    }


def _span(span: Mapping[str, Any]) -> dict[str, Any]:
    start, end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
    return {
        "time": datetime.fromtimestamp(start / 1e9, UTC).isoformat(),
        "service": span.get("service"),
        "span": span.get("spanId"),
        "parent": span.get("parentSpanId"),
        "name": span.get("name"),
        "ms": round((end - start) / 1e6, 3),
        "attributes": span.get("attributes"),
        "status": span.get("status"),
    }
