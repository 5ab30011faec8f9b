"""Times and durations as Kubernetes and Go write them."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_WHOLE = re.compile(r"[+-]?\d+")
_LONGEST = 292 * 365 * 86_400.0
_LONGEST_PAUSE = (1 << 31) - 1
_DIGITS = 12


def parse_duration(text: str) -> float:
    """Return the seconds of a Go duration such as `1m30s`.

    Raises:
        ValueError: The text is none; the message is Go's.
    """
    sign, digits = (-1.0, text[1:]) if text[:1] == "-" else (1.0, text.removeprefix("+"))
    if digits == "0":
        return 0.0
    parts = list(_PART.finditer(digits))
    if not parts or "".join(part.group(0) for part in parts) != digits:
        raise ValueError(f'time: invalid duration "{text}"')
    seconds = sum(float(part.group(1)) * _UNITS[part.group(2)] for part in parts)
    if seconds > _LONGEST:
        raise ValueError(f'time: invalid duration "{text}"')
    return sign * seconds


def pause_seconds(value: object) -> int:
    """Return the whole seconds of a pause step's duration; -1 when it is none (rollouts.md §1, pause).

    A number is seconds, a string without a unit too, any other string is a Go duration.
    """
    seconds = -1
    if isinstance(value, int) and not isinstance(value, bool):
        seconds = value
    elif isinstance(value, str) and _WHOLE.fullmatch(value):
        seconds = int(value) if len(value) <= _DIGITS else -1
    elif isinstance(value, str):
        with suppress(ValueError):
            seconds = int(parse_duration(value))
    return seconds if 0 <= seconds <= _LONGEST_PAUSE else -1


def format_time(moment: datetime) -> str:
    """Return a time as Kubernetes stores it: RFC 3339, UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: object) -> datetime | None:
    """Return a stored time; None where there is none or where it cannot be read."""
    if not isinstance(text, str):
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def after(moment: datetime, seconds: float) -> datetime:
    """Return the time `seconds` later."""
    return moment + timedelta(seconds=seconds)


def earliest(*moments: datetime | None) -> datetime | None:
    """Return the earliest of the times that there are."""
    return min((moment for moment in moments if moment is not None), default=None)
