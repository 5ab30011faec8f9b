"""Custom resources that no file of ours knows: the conditions that Kubernetes' API conventions describe.

No check and nothing to read means no health; but what tells of itself is listened to, so that a failing custom resource is
never silently Healthy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wavegate.manifests.health.verdict import (
    Health,
    condition,
    degraded,
    healthy,
    number,
    part,
    progressing,
    text,
)

_GOOD = ("Ready", "Available")


def behind(obj: Mapping[str, Any]) -> bool:
    """Say whether the controller reports the generation that it saw, and it is not the present one."""
    status = part(obj, "status")
    if "observedGeneration" not in status:
        return False
    return number(status, "observedGeneration") < number(part(obj, "metadata"), "generation")


def standard(obj: Mapping[str, Any]) -> Health | None:
    """Judge by observedGeneration, Stalled, Reconciling, Ready and Available; None when none of them is there."""
    if behind(obj):
        return progressing("Waiting for the latest generation to be observed")
    stalled = condition(obj, "Stalled")
    if text(stalled, "status") == "True":
        return degraded(text(stalled, "message"))
    reconciling = condition(obj, "Reconciling")
    if text(reconciling, "status") == "True":
        return progressing(text(reconciling, "message"))
    return _goodness(obj)


def _goodness(obj: Mapping[str, Any]) -> Health | None:
    found = [each for each in (condition(obj, type_) for type_ in _GOOD) if each is not None]
    for each in found:
        if text(each, "status") != "True":
            return progressing(text(each, "message"))
    return healthy(text(found[0], "message")) if found else None
