"""Notifications of Rollouts are about events, not about states (argo-rollouts, utils/record).

There, each Kubernetes event of a Rollout runs the trigger `on-<reason in kebab case>`; a trigger without `when` always
sends, and `oncePer` is not looked at. Here the event is one of ours, and its id makes its message unique.
"""

from collections.abc import Iterable

from wavegate.contracts import rollout
from wavegate.contracts.events import Message
from wavegate.contracts.reconciling import Hint

_TRIGGERS: dict[type[Message], str] = {
    rollout.RolloutStarted: "on-rollout-updated",
    rollout.StepCompleted: "on-rollout-step-completed",
    rollout.RolloutPaused: "on-rollout-paused",
    rollout.RolloutPromoted: "on-rollout-completed",
    rollout.RolloutAborted: "on-rollout-aborted",
}
_ANALYSIS = {"Failed": "on-analysis-run-failed", "Error": "on-analysis-run-error"}

ALWAYS = ""
"""The condition of a trigger that always sends."""


def trigger_of(message: object) -> str | None:
    """Return the trigger that an event runs, None when it runs none."""
    if isinstance(message, rollout.AnalysisCompleted):
        return _ANALYSIS.get(message.phase)
    return next((trigger for type_, trigger in _TRIGGERS.items() if type(message) is type_), None)


def heard(hints: Iterable[Hint]) -> tuple[str, ...]:
    """Return the ids of the events of Rollouts among the hints, whether they run a trigger or not."""
    return tuple(hint.id for hint in hints if hint.id and isinstance(hint.message, rollout.RolloutEvent))
