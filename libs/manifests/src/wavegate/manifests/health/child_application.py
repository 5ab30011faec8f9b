"""An Application among an application's objects: unlike Argo CD by default, it has health (architecture §4, dependencies)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wavegate.manifests.health.verdict import Health, HealthStatus, part, progressing, text


def child_application(obj: Mapping[str, Any]) -> Health:
    """Judge a child Application by its own health."""
    health = part(obj, "status", "health")
    status = text(health, "status")
    if status not in set(HealthStatus):
        return progressing("Waiting for the application's first comparison")
    return Health(HealthStatus(status), text(health, "message"))
