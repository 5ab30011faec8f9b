"""What a health check answers, and which answer is worse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class HealthStatus(StrEnum):
    """Argo CD's health codes, best first."""

    HEALTHY = "Healthy"
    SUSPENDED = "Suspended"
    PROGRESSING = "Progressing"
    MISSING = "Missing"
    DEGRADED = "Degraded"
    UNKNOWN = "Unknown"


_WORSE = {status: rank for rank, status in enumerate(HealthStatus)}


@dataclass(frozen=True, slots=True)
class Health:
    """A verdict with its reason for people."""

    status: HealthStatus
    message: str = ""


def is_worse(status: HealthStatus, than: HealthStatus) -> bool:
    """Say whether one status is worse than another."""
    return _WORSE[status] > _WORSE[than]


def healthy(message: str = "") -> Health:
    """Return a good verdict."""
    return Health(HealthStatus.HEALTHY, message)


def progressing(message: str = "") -> Health:
    """Return the verdict of what is under way."""
    return Health(HealthStatus.PROGRESSING, message)


def degraded(message: str = "") -> Health:
    """Return the verdict of what failed."""
    return Health(HealthStatus.DEGRADED, message)


def suspended(message: str = "") -> Health:
    """Return the verdict of what waits for somebody."""
    return Health(HealthStatus.SUSPENDED, message)


def unknown(message: str = "") -> Health:
    """Return the verdict of what cannot be told."""
    return Health(HealthStatus.UNKNOWN, message)


def part(obj: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """Return a map inside an object, empty where there is none."""
    for key in keys:
        child = obj.get(key)
        obj = child if isinstance(child, Mapping) else {}
    return obj


def number(values: Mapping[str, Any], key: str, default: int = 0) -> int:
    """Return an integer field; absent, or no integer, is the default."""
    value = values.get(key)
    return value if isinstance(value, int) else default


def conditions(obj: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the conditions in an object's status."""
    listed = part(obj, "status").get("conditions")
    return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []


def condition(obj: Mapping[str, Any], type_: str) -> Mapping[str, Any] | None:
    """Return the condition of a type."""
    return next((each for each in conditions(obj) if each.get("type") == type_), None)


def text(values: Mapping[str, Any] | None, key: str) -> str:
    """Return a text field, empty when absent."""
    return str((values or {}).get(key) or "")


def generation_observed(obj: Mapping[str, Any]) -> bool:
    """Say whether the controller has seen the present spec."""
    return number(part(obj, "metadata"), "generation") <= number(part(obj, "status"), "observedGeneration")
