"""Argo AnalysisRun."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wavegate.manifests.health.verdict import Health, degraded, healthy, part, progressing, text, unknown

_PHASES: Mapping[str, tuple[Callable[[str], Health], str]] = {
    "Pending": (progressing, "Analysis run is running"),
    "Running": (progressing, "Analysis run is running"),
    "Successful": (healthy, "Analysis run completed successfully"),
    "Failed": (degraded, "Analysis run failed"),
    "Error": (degraded, "Analysis run had an error"),
    "Inconclusive": (unknown, "Analysis run was inconclusive"),
}


def analysis_run(obj: Mapping[str, Any]) -> Health:
    """Judge an AnalysisRun by its phase."""
    status = part(obj, "status")
    verdict = _PHASES.get(text(status, "phase"))
    if verdict is None:
        return progressing("Waiting for analysis run to finish: status has not been reconciled.")
    judge, words = verdict
    under_way = judge is progressing
    return judge(words if under_way else text(status, "message") or words)
