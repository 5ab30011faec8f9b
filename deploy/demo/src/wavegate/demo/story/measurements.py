"""What an analysis measured, beside its threshold: "0.91 < 0.99, 3 of 5 failed → aborted"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wavegate.demo.story.evidence import SeenEvent

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|NaN|[+-]?Inf")
_CONDITION = re.compile(r"(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)")
_NEGATED = {">=": "<", "<=": ">", ">": "≤", "<": "≥"}
_SHOWN = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement as its event gave it."""

    value: str
    phase: str
    threshold: str

    @classmethod
    def of(cls, event: SeenEvent) -> "Measurement":
        """Read a MeasurementTaken event."""
        return cls(str(event.data["value"]), str(event.data["phase"]), str(event.data["threshold"]))


def verdict(taken: Sequence[Measurement], count: int) -> str:
    """Put the measurement that decides beside its threshold: of those that failed the last, else the closest.

    `count` is how many the metric was to take.
    """
    if not taken:
        return "no measurement"
    failed = [each for each in taken if each.phase != "Successful"]
    decisive = failed[-1] if failed else taken[-1]
    compared = _compared(decisive, held=not failed)
    if failed:
        return f"{compared}, {len(failed)} of {count} failed"
    return f"{compared}, {len(taken)} of {count} passed"


def _compared(measurement: Measurement, *, held: bool) -> str:
    condition = _CONDITION.search(measurement.threshold)
    if not condition:
        return f"{shown(measurement.value)} against {measurement.threshold!r}"
    words = _SHOWN if held else _NEGATED
    return f"{shown(measurement.value)} {words[condition[1]]} {condition[2]}"


def shown(value: str) -> str:
    """Shorten a value such as `[0.91034482]` to three digits after the point."""
    found = _NUMBER.search(value)
    if not found:
        return value or "nothing"
    try:
        return f"{float(found[0]):.3f}".rstrip("0").rstrip(".")
    except ValueError:
        return found[0]
