"""DaemonSet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wavegate.manifests.health.verdict import (
    Health,
    generation_observed,
    healthy,
    number,
    part,
    progressing,
    text,
)


def daemon_set(obj: Mapping[str, Any]) -> Health:
    """Judge a DaemonSet."""
    if not generation_observed(obj):
        return progressing("Waiting for rollout to finish: observed daemon set generation less than desired generation")
    status = part(obj, "status")
    wanted, updated = number(status, "desiredNumberScheduled"), number(status, "updatedNumberScheduled")
    if part(obj, "spec", "updateStrategy").get("type") == "OnDelete":
        return healthy(f"daemon set {updated} out of {wanted} new pods have been updated")
    name, available = text(part(obj, "metadata"), "name"), number(status, "numberAvailable")
    waiting = f'Waiting for daemon set "{name}" rollout to finish:'
    if updated < wanted:
        return progressing(f"{waiting} {updated} out of {wanted} new pods have been updated...")
    if available < wanted:
        return progressing(f"{waiting} {available} of {wanted} updated pods are available...")
    return healthy()
