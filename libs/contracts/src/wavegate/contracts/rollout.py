"""Events of rollouts (rollout-analyzer)."""

from typing import ClassVar

from wavegate.contracts.events import Event, ObjectMessage
from wavegate.contracts.reasons import Reason


class RolloutEvent(ObjectMessage, Event):
    """An event of one Rollout. `revision` is the pod-template hash that it is about."""

    AREA: ClassVar[str] = "rollout"

    revision: str


class RolloutStarted(RolloutEvent):
    """A new pod template began its way. `stable` is the hash that it may replace, empty at the first deploy."""

    stable: str = ""
    images: tuple[str, ...] = ()


class StepStarted(RolloutEvent):
    """A canary step began. `step` counts from 0 of `steps`; `kind` is the step's key, such as `setWeight`."""

    step: int
    steps: int
    kind: str
    detail: str = ""


class StepCompleted(RolloutEvent):
    """A canary step ended."""

    step: int
    steps: int
    kind: str


class WeightSet(RolloutEvent):
    """The traffic weight was written. `weight` is the canary's share in percent; `route` names the object."""

    weight: int
    route: str


class AnalysisStarted(RolloutEvent):
    """An AnalysisRun was created."""

    analysis_run: str
    step: int | None = None


class MeasurementTaken(RolloutEvent):
    """A metric was measured. `value` is as Prometheus gave it; `index` counts this metric's measurements from 0.

    `threshold` is the condition as written; `phase` is the measurement's verdict.
    """

    analysis_run: str
    metric: str
    index: int
    value: str
    phase: str
    threshold: str
    detail: str = ""


class AnalysisCompleted(RolloutEvent):
    """An AnalysisRun ended with a verdict and its evidence."""

    analysis_run: str
    phase: str
    detail: str = ""


class RolloutPromoted(RolloutEvent):
    """The canary became stable."""


class RolloutPaused(RolloutEvent):
    """A rollout waits. `until` is an RFC 3339 time, empty when a person must act."""

    reason: Reason
    step: int | None = None
    until: str = ""


class RolloutAborted(RolloutEvent):
    """The canary was given up; traffic is back at stable."""

    reason: Reason
    detail: str


class RolloutDegraded(RolloutEvent):
    """A rollout cannot go on for a named reason that is not an abort, such as a missing template."""

    reason: Reason
    detail: str
