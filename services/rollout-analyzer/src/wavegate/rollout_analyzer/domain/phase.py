"""A Rollout's phase and message, in Argo's order and words (rollouts.md §2.5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from wavegate.rollout_analyzer.domain.conditions import ABORTED_REASON, INVALID_SPEC, TIMED_OUT_REASON
from wavegate.rollout_analyzer.domain.names import Json

DEGRADED, PAUSED, PROGRESSING, HEALTHY = "Degraded", "Paused", "Progressing", "Healthy"


@dataclass(frozen=True, slots=True)
class PhaseInputs:
    """What the phase follows from. Counts are pods."""

    conditions: Sequence[Json]
    paused: bool
    pause_reason: str
    wanted: int
    updated: int
    available: int
    current: int
    routed: bool
    promoted: bool


def phase_of(inputs: PhaseInputs) -> tuple[str, str]:
    """Return phase and message."""
    for condition in inputs.conditions:
        if condition.get("type") == INVALID_SPEC:
            return DEGRADED, f"{INVALID_SPEC}: {condition.get('message', '')}"
        if condition.get("reason") in {ABORTED_REASON, TIMED_OUT_REASON}:
            return DEGRADED, f"{condition['reason']}: {condition.get('message', '')}"
    if inputs.paused:
        return PAUSED, "manually paused"
    if inputs.pause_reason:
        return PAUSED, inputs.pause_reason
    waiting = _waiting(inputs)
    return (PROGRESSING, waiting) if waiting else (HEALTHY, "")


def _waiting(inputs: PhaseInputs) -> str:
    if inputs.updated < inputs.wanted:
        return "more replicas need to be updated"
    if inputs.available < inputs.updated:
        return "updated replicas are still becoming available"
    if not inputs.routed and inputs.current > inputs.updated:
        return "old replicas are pending termination"
    return "" if inputs.promoted else "waiting for all steps to complete"
