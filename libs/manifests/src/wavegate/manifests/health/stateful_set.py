"""StatefulSet."""

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


def stateful_set(obj: Mapping[str, Any]) -> Health:
    """Judge a StatefulSet."""
    spec, status = part(obj, "spec"), part(obj, "status")
    if not number(status, "observedGeneration") or not generation_observed(obj):
        return progressing("Waiting for statefulset spec update to be observed...")
    wanted, ready = number(spec, "replicas"), number(status, "readyReplicas")
    if ready < wanted:
        return progressing(f"Waiting for {wanted - ready} pods to be ready...")
    strategy = part(spec, "updateStrategy")
    if strategy.get("type") == "OnDelete":
        return healthy(f"statefulset has {ready} ready pods")
    if "rollingUpdate" in strategy:
        return _partitioned(wanted, number(part(strategy, "rollingUpdate"), "partition"), status)
    return _revisions(status)


def _partitioned(wanted: int, partition: int, status: Mapping[str, Any]) -> Health:
    updated = number(status, "updatedReplicas")
    if updated < wanted - partition:
        due = wanted - partition
        return progressing(
            f"Waiting for partitioned roll out to finish: {updated} out of {due} new pods have been updated..."
        )
    return healthy(f"partitioned roll out complete: {updated} new pods have been updated...")


def _revisions(status: Mapping[str, Any]) -> Health:
    update, current = text(status, "updateRevision"), text(status, "currentRevision")
    if update != current:
        count = number(status, "updatedReplicas")
        return progressing(f"waiting for statefulset rolling update to complete {count} pods at revision {update}...")
    count = number(status, "currentReplicas")
    return healthy(f"statefulset rolling update complete {count} pods at revision {current}...")
