"""Argo Rollouts' Rollout with its status, as `kubectl argo rollouts` reads and patches it."""

from __future__ import annotations

from pydantic import Field

from wavegate.argo.model import Free, Part, Resource, Timestamp
from wavegate.argo.rollout import RolloutSpec


class PauseCondition(Part):
    """Why the controller paused, and since when. Who resumes empties the list (rollouts.md §2.5)."""

    reason: str
    start_time: Timestamp


class RunStatus(Part):
    """The AnalysisRun that a Rollout waits for."""

    name: str
    status: str
    message: str = ""


class WeightDestination(Part):
    """Percent of the traffic that a service gets."""

    weight: int
    service_name: str = ""
    pod_template_hash: str = ""


class TrafficWeights(Part):
    """Weights as set at the traffic router."""

    canary: WeightDestination
    stable: WeightDestination
    additional: tuple[WeightDestination, ...] = ()
    verified: bool | None = None


class CanaryStatus(Part):
    """What only a canary has."""

    current_step_analysis_run_status: RunStatus | None = None
    current_background_analysis_run_status: RunStatus | None = None
    current_experiment: str = ""
    weights: TrafficWeights | None = None
    stable_ping_pong: str = ""
    step_plugin_statuses: tuple[Free, ...] = ()


class BlueGreenStatus(Part):
    """What only a blue-green Rollout has."""

    preview_selector: str = ""
    active_selector: str = ""
    scale_up_preview_check_point: bool = False
    pre_promotion_analysis_run_status: RunStatus | None = None
    post_promotion_analysis_run_status: RunStatus | None = None


class RolloutCondition(Part):
    """A condition: InvalidSpec, Available, Progressing, ReplicaFailure, Paused, Completed, Healthy."""

    type: str
    status: str
    last_update_time: Timestamp
    last_transition_time: Timestamp
    reason: str
    message: str


class RolloutStatus(Part):
    """How a Rollout stands. `observed_generation` is text, as Argo Rollouts writes it."""

    abort: bool = False
    aborted_at: Timestamp | None = None
    pause_conditions: tuple[PauseCondition, ...] = ()
    controller_pause: bool = False
    current_pod_hash: str = ""
    current_step_hash: str = ""
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    current_step_index: int | None = None
    collision_count: int | None = None
    observed_generation: str = ""
    conditions: tuple[RolloutCondition, ...] = ()
    canary: CanaryStatus = CanaryStatus()
    blue_green: BlueGreenStatus = BlueGreenStatus()
    hpa_replicas: int = Field(default=0, alias="HPAReplicas")
    selector: str = ""
    stable_rs: str = Field(default="", alias="stableRS")
    restarted_at: Timestamp | None = None
    promote_full: bool = False
    phase: str = ""
    message: str = ""
    workload_observed_generation: str = ""
    alb: Free | None = None
    albs: tuple[Free, ...] = ()
    duration: Free | None = None


class Rollout(Resource):
    """A Rollout: what it wants and how it stands."""

    spec: RolloutSpec
    status: RolloutStatus = RolloutStatus()
