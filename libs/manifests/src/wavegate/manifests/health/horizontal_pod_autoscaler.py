"""HorizontalPodAutoscaler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wavegate.manifests.health.verdict import (
    Health,
    conditions,
    degraded,
    healthy,
    part,
    progressing,
    text,
)
from wavegate.manifests.reading import json_list

V1_CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"
"""Where autoscaling/v1, which has no conditions, carries them."""

_BROKEN = frozenset(
    {
        ("AbleToScale", "FailedGetScale"),
        ("AbleToScale", "FailedUpdateScale"),
        ("ScalingActive", "FailedGetResourceMetric"),
        ("ScalingActive", "InvalidSelector"),
    }
)
_WORKING = frozenset({"AbleToScale", "ScalingLimited"})


def horizontal_pod_autoscaler(obj: Mapping[str, Any]) -> Health:
    """Judge an autoscaler: one broken condition outweighs the others."""
    annotation = part(obj, "metadata", "annotations").get(V1_CONDITIONS)
    listed = conditions(obj) or json_list(annotation)
    for each in listed:
        if (text(each, "type"), text(each, "reason")) in _BROKEN:
            return degraded(text(each, "message"))
    for each in listed:
        if text(each, "type") in _WORKING and text(each, "status") == "True":
            return healthy(text(each, "message"))
    return progressing("Waiting to Autoscale")
