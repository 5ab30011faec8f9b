"""Service and Ingress: what is exposed is healthy once it has an address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wavegate.manifests.health.verdict import Health, healthy, part, progressing


def service(obj: Mapping[str, Any]) -> Health:
    """Judge a Service: only a load balancer is waited for."""
    return ingress(obj) if part(obj, "spec").get("type") == "LoadBalancer" else healthy()


def ingress(obj: Mapping[str, Any]) -> Health:
    """Judge an Ingress."""
    return healthy() if part(obj, "status", "loadBalancer").get("ingress") else progressing()
