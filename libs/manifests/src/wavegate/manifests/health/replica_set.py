"""ReplicaSet."""

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
    text,
)


def replica_set(obj: Mapping[str, Any]) -> Health:
    """Judge a ReplicaSet."""
    if not generation_observed(obj):
        return progressing(
            "Waiting for rollout to finish: observed replica set generation less than desired generation"
        )
    failure = condition(obj, "ReplicaFailure")
    if text(failure, "status") == "True":
        return degraded(text(failure, "message"))
    wanted, available = number(part(obj, "spec"), "replicas"), number(part(obj, "status"), "availableReplicas")
    if available < wanted:
        return progressing(f"Waiting for rollout to finish: {available} out of {wanted} new replicas are available...")
    return healthy()
