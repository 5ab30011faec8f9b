"""PersistentVolumeClaim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wavegate.manifests.health.verdict import Health, degraded, healthy, part, progressing, unknown

_PHASES = {"Lost": degraded, "Pending": progressing, "Bound": healthy}


def persistent_volume_claim(obj: Mapping[str, Any]) -> Health:
    """Judge a PersistentVolumeClaim by its phase."""
    return _PHASES.get(str(part(obj, "status").get("phase")), unknown)()
