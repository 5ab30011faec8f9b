"""Deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wavegate.manifests.health.verdict import (
    Health,
    condition,
    degraded,
    generation_observed,
    healthy,
    number,
    part,
    progressing,
    suspended,
    text,
)


def deployment(obj: Mapping[str, Any]) -> Health:
    """Judge a Deployment."""
    if part(obj, "spec").get("paused"):
        return suspended("Deployment is paused")
    if not generation_observed(obj):
        return progressing("Waiting for rollout to finish: observed deployment generation less than desired generation")
    if text(condition(obj, "Progressing"), "reason") == "ProgressDeadlineExceeded":
        name = text(part(obj, "metadata"), "name")
        return degraded(f'Deployment "{name}" exceeded its progress deadline')
    return _replicas(part(obj, "spec"), part(obj, "status"))


def _replicas(spec: Mapping[str, Any], status: Mapping[str, Any]) -> Health:
    wanted, updated = number(spec, "replicas"), number(status, "updatedReplicas")
    total, available = number(status, "replicas"), number(status, "availableReplicas")
    waiting = "Waiting for rollout to finish:"
    if updated < wanted:
        return progressing(f"{waiting} {updated} out of {wanted} new replicas have been updated...")
    if total > updated:
        return progressing(f"{waiting} {total - updated} old replicas are pending termination...")
    if available < updated:
        return progressing(f"{waiting} {available} of {updated} updated replicas are available...")
    return healthy()
