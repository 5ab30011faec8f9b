"""Argo Rollout: what Argo CD's own script for it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wavegate.manifests.health.verdict import (
    Health,
    conditions,
    degraded,
    healthy,
    number,
    part,
    progressing,
    suspended,
    text,
)

_BROKEN = frozenset({"RolloutAborted", "ProgressDeadlineExceeded"})


def rollout(obj: Mapping[str, Any]) -> Health:
    """Judge a Rollout. Aborted is Degraded; paused, by a step or a person, is Suspended."""
    if not _observed(obj):
        return progressing("Waiting for rollout spec update to be observed")
    return _broken(obj) or _paused(obj) or _replicas(obj) or _strategy(obj) or healthy()


def _observed(obj: Mapping[str, Any]) -> bool:
    """`observedGeneration` is a string; one that is no number stems from an old controller and counts as seen."""
    observed = text(part(obj, "status"), "observedGeneration")
    return bool(observed) and (not observed.isdigit() or int(observed) >= number(part(obj, "metadata"), "generation"))


def _broken(obj: Mapping[str, Any]) -> Health | None:
    for each in conditions(obj):
        if text(each, "type") == "InvalidSpec":
            return degraded(text(each, "message"))
        if text(each, "type") == "Progressing" and text(each, "reason") in _BROKEN:
            return degraded(text(each, "message"))
    return None


def _paused(obj: Mapping[str, Any]) -> Health | None:
    waits = part(obj, "status").get("pauseConditions") or part(obj, "spec").get("paused")
    return suspended("Rollout is paused") if waits else None


def _replicas(obj: Mapping[str, Any]) -> Health | None:
    status = part(obj, "status")
    updated = number(status, "updatedReplicas")
    if not text(status, "currentPodHash"):
        return progressing("Waiting for rollout to finish: status has not been reconciled.")
    if updated < number(part(obj, "spec"), "replicas", 1):
        return progressing("Waiting for roll out to finish: More replicas need to be updated")
    if number(status, "availableReplicas") < updated:
        return progressing("Waiting for roll out to finish: updated replicas are still becoming available")
    return None


def _strategy(obj: Mapping[str, Any]) -> Health | None:
    strategy = part(obj, "spec", "strategy")
    return _blue_green(part(obj, "status")) if "blueGreen" in strategy else _canary(part(obj, "status"))


def _blue_green(status: Mapping[str, Any]) -> Health | None:
    current, stable = text(status, "currentPodHash"), text(status, "stableRS")
    if text(part(status, "blueGreen"), "activeSelector") != current:
        return progressing("active service cutover pending")
    return progressing("waiting for analysis to complete") if stable not in {"", current} else None


def _canary(status: Mapping[str, Any]) -> Health | None:
    if number(status, "replicas") > number(status, "updatedReplicas"):
        return progressing("Waiting for roll out to finish: old replicas are pending termination")
    if text(status, "stableRS") != text(status, "currentPodHash"):
        return progressing("Waiting for rollout to finish steps")
    return None
