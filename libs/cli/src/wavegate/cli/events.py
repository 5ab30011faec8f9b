"""What `wavegate events` shows of the event stream."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from wavegate.cli.words import plain, revision
from wavegate.runtime.event_reader import ReadEvent

_SHOWN = (
    "phase", "status", "reason", "detail", "wave", "waves", "objects", "applied", "unchanged", "pruned", "step", "steps",
    "kind", "weight", "metric", "value", "threshold", "trigger", "service", "recipient", "text", "sha", "seq", "by",
    "streams", "until", "readSet",
)  # fmt: skip
_AGE = re.compile(r"^(\d+)([smhd])$")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def start(since: str, now: datetime) -> datetime | None:
    """Return the time that `30m`, `2h`, `1d` or `all` (None) stand for.

    Raises:
        ValueError: It is none of these.
    """
    if since == "all":
        return None
    match = _AGE.match(since)
    if match is None:
        raise ValueError(f"{since!r} is no age such as 30m, 2h or 1d, nor `all`")
    return now - timedelta(seconds=int(match[1]) * _SECONDS[match[2]])


def line(event: ReadEvent) -> str:
    """Return one line: when, what, about what, and what it says."""
    time = event.time.astimezone().strftime("%H:%M:%S.%f")[:-3] if event.time else ""
    return f"{time:<12}  {event.name:<22}  {_object(event.subject):<36}  {_said(event.data)}".rstrip()


def as_json(event: ReadEvent) -> dict[str, Any]:
    """Return an event as its CloudEvents attributes and data."""
    attributes = {
        "id": event.id,
        "type": event.type,
        "subject": event.subject,
        "time": event.time.isoformat() if event.time else None,
        "causationid": event.cause,
        "traceparent": event.traceparent,
        "sequence": event.sequence,
        "data": event.data,
    }
    return {name: value for name, value in attributes.items() if value is not None}


def _object(subject: str) -> str:
    tokens = [plain(unquote(token)) for token in subject.split(".")]
    return "/".join(tokens[2:4])


def _said(data: Mapping[str, Any]) -> str:
    commits = ", ".join(f"{revision(one.get('sha'))} (seq {one.get('seq')})" for one in data.get("commits") or ())
    intent = f"intent {data['intent']}" if data.get("intent") is not None else ""
    parts = [commits, intent, *(_part(name, data[name]) for name in _SHOWN if _worth_showing(data.get(name)))]
    return plain("  ".join(part for part in parts if part), 400)


def _worth_showing(value: Any) -> bool:
    return value is not None and value not in ("", [])


def _part(name: str, value: Any) -> str:
    return f"{name}={revision(value)}"
