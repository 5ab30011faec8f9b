"""What extends the API: APIService and CustomResourceDefinition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wavegate.manifests.health.verdict import Health, condition, degraded, healthy, progressing, text


def api_service(obj: Mapping[str, Any]) -> Health:
    """Judge an APIService."""
    available = condition(obj, "Available")
    if available is None:
        return progressing("Waiting to be processed")
    message = f"{text(available, 'reason')}: {text(available, 'message')}"
    return healthy(message) if text(available, "status") == "True" else progressing(message)


def custom_resource_definition(obj: Mapping[str, Any]) -> Health:
    """Judge a CRD. Not established yet is under way: the API server needs a moment, and refused names show by themselves."""
    names = condition(obj, "NamesAccepted")
    if text(names, "status") == "False":
        return degraded(f"CRD names have not been accepted: {text(names, 'message')}")
    if text(condition(obj, "Established"), "status") != "True":
        return progressing("CRD is not established")
    violated = condition(obj, "NonStructuralSchema")
    if text(violated, "status") == "True":
        return degraded(f"Schema violations found: {text(violated, 'message')}")
    return healthy("CRD is healthy")
