"""Durations as Argo's users write them.

Three dialects: Go's own (`time.ParseDuration`: "1h30m", "-1.5s", "0"), Go's with bare numbers as seconds (retry backoff,
types.go), and the pause of a Rollout's step, which is a number of seconds or either of these and counts whole seconds.
"""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction

_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_TERM = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_WHOLE = re.compile(r"[-+]?\d+", re.ASCII)
_LONGEST = 2**63 - 1


def parse(text: str) -> timedelta:
    """Read a Go duration, exact to the microsecond (finer parts are cut).

    Raises:
        ValueError: what Go's `time.ParseDuration` refuses.
    """
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in {"-", "+"} else text
    if rest == "0":
        return timedelta()
    total = sum((_nanoseconds(term) for term in _TERM.finditer(rest)), Fraction())
    if not rest or "".join(term[0] for term in _TERM.finditer(rest)) != rest or total > _LONGEST:
        raise ValueError(f"invalid duration {text!r}")
    return timedelta(microseconds=sign * int(total / 1000))


def _nanoseconds(term: re.Match[str]) -> Fraction:
    amount = term[1]
    return Fraction(amount if amount[-1] != "." else amount[:-1]) * _NANOSECONDS[term[2]]


def parse_or_seconds(text: str) -> timedelta:
    """Read a Go duration or a bare whole number of seconds.

    Raises:
        ValueError: it is neither.
    """
    if _WHOLE.fullmatch(text) and abs(int(text)) <= _LONGEST // 10**9:
        return timedelta(seconds=int(text))
    return parse(text)


def pause(duration: int | str) -> timedelta:
    """Read the duration of a Rollout's pause step, in whole seconds.

    Raises:
        ValueError: it is neither a number of seconds nor a Go duration, or it is negative.
    """
    span = timedelta(seconds=duration) if isinstance(duration, int) else parse_or_seconds(duration)
    if span < timedelta():
        raise ValueError(f"invalid duration {duration!r}: it is negative")
    return timedelta(seconds=int(span.total_seconds()))
