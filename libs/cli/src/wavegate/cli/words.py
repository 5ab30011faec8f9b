"""Words of objects and events as they may be shown: no control characters, short enough to read, times as ages."""

import re
from datetime import UTC, datetime
from typing import Any

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def plain(value: Any, width: int = 200) -> str:
    """Return a value as one line of text without control characters."""
    text = _CONTROL.sub(" ", "" if value is None else str(value)).strip()
    return text if len(text) <= width else text[: width - 1] + "…"


def at(value: Any, *path: str) -> Any:
    """Return what lies at a path of mappings, None where it ends."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def age(timestamp: Any, now: datetime) -> str:
    """Return how long ago an RFC 3339 time was, in its largest unit."""
    try:
        seconds = int((now - datetime.fromisoformat(str(timestamp)).astimezone(UTC)).total_seconds())
    except ValueError:
        return ""
    return next((f"{seconds // size}{unit}" for size, unit in _UNITS if seconds >= size), "0s")


def revision(value: Any) -> str:
    """Return a commit id as people read it."""
    text = plain(value)
    return text[:7] if re.fullmatch(r"[0-9a-f]{40,64}", text) else text
