"""Job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wavegate.manifests.health.verdict import (
    Health,
    condition,
    degraded,
    healthy,
    progressing,
    suspended,
    text,
)


def job(obj: Mapping[str, Any]) -> Health:
    """Judge a Job by its conditions."""
    failed, paused, complete = (condition(obj, type_) for type_ in ("Failed", "Suspended", "Complete"))
    if failed is not None:
        return degraded(text(failed, "message"))
    if text(paused, "status") == "True":
        return suspended(text(paused, "message"))
    if complete is not None or paused is not None:
        return healthy(text(complete or paused, "message"))
    return progressing()
