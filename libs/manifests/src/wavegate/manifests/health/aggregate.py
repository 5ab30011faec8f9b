"""An application's health: the worst of its objects' (argocd.md §2.9)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wavegate.manifests.health.verdict import Health, HealthStatus, is_worse
from wavegate.manifests.identity import GroupKind, ObjectKey, annotations_of

IGNORE_HEALTH = "argocd.argoproj.io/ignore-healthcheck"
NAMED = 3
"""How many culprits the message names."""

_APPLICATION = GroupKind("argoproj.io", "Application")
_NOT_YET = frozenset({HealthStatus.MISSING, HealthStatus.UNKNOWN})


def ignored(obj: Mapping[str, Any]) -> bool:
    """Say whether an object asks not to count."""
    return annotations_of(obj).get(IGNORE_HEALTH) == "true"


def aggregated(objects: Iterable[tuple[ObjectKey, Health | None]], *, any_live: bool, any_wanted: bool) -> Health:
    """Return the worst health with those who caused it. Objects without health, and missing ones, do not count.

    An application none of whose objects lives is Missing; one without objects is Healthy.
    """
    if any_wanted and not any_live:
        return Health(HealthStatus.MISSING)
    worst, culprits = HealthStatus.HEALTHY, list[ObjectKey]()
    for key, health in objects:
        if health is None or (key.group_kind == _APPLICATION and health.status in _NOT_YET):
            continue
        if is_worse(health.status, worst):
            worst, culprits = health.status, []
        if health.status == worst:
            culprits.append(key)
    return Health(worst, "" if worst == HealthStatus.HEALTHY else _caused_by(culprits))


def _caused_by(culprits: list[ObjectKey]) -> str:
    named = [f"{key.group_kind}:{key.namespace}/{key.name}" for key in culprits[:NAMED]]
    more = [f"and {len(culprits) - NAMED} more"] if len(culprits) > NAMED else []
    return f"Caused by {', '.join([*named, *more])}"
