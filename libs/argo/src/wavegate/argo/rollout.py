"""Argo Rollouts' Rollout: what it wants. Traffic routers and steps that Wavegate does not run are kept, to be refused by name."""

from __future__ import annotations

from pydantic import Field

from wavegate.argo.analysis import Argument, DryRun, MeasurementRetention, TemplateRef
from wavegate.argo.model import Free, IntOrString, Labels, Part, Timestamp


class PodMetadata(Part):
    """Labels and annotations that Pods or runs carry for a while."""

    labels: Labels = Field(default_factory=dict)
    annotations: Labels = Field(default_factory=dict)


class RolloutAnalysis(Part):
    """Templates to run together, with arguments."""

    templates: tuple[TemplateRef, ...] = ()
    args: tuple[Argument, ...] = ()
    dry_run: tuple[DryRun, ...] = ()
    measurement_retention: tuple[MeasurementRetention, ...] = ()
    analysis_run_metadata: PodMetadata | None = None


class BackgroundAnalysis(RolloutAnalysis):
    """An analysis that runs beside the steps, from `starting_step` on."""

    starting_step: int | None = None


class Pause(Part):
    """A wait; without a duration, until somebody resumes."""

    duration: IntOrString | None = None


class SetCanaryScale(Part):
    """The canary's size apart from its traffic."""

    weight: int | None = None
    replicas: int | None = None
    match_traffic_weight: bool = False


class StringMatch(Part):
    """One of three ways to match a text."""

    exact: str = ""
    prefix: str = ""
    regex: str = ""


class HeaderMatch(Part):
    """A header and what it must hold."""

    header_name: str
    header_value: StringMatch


class SetHeaderRoute(Part):
    """Requests with these headers go to the canary; without a match, the route is removed."""

    name: str = ""
    match: tuple[HeaderMatch, ...] = ()


class RouteMatch(Part):
    """Which requests are mirrored."""

    method: StringMatch | None = None
    path: StringMatch | None = None
    headers: dict[str, StringMatch] = Field(default_factory=dict)


class SetMirrorRoute(Part):
    """Matching requests are also sent to the canary; without a match, the route is removed."""

    name: str
    match: tuple[RouteMatch, ...] = ()
    percentage: int | None = None


class StepPlugin(Part):
    """A step run by a plugin; modelled to be refused by name."""

    name: str
    config: Free | None = None


class CanaryStep(Part):
    """One step: exactly one of its fields is given."""

    set_weight: int | None = None
    pause: Pause | None = None
    experiment: Free | None = None
    analysis: RolloutAnalysis | None = None
    set_canary_scale: SetCanaryScale | None = None
    set_header_route: SetHeaderRoute | None = None
    set_mirror_route: SetMirrorRoute | None = None
    plugin: StepPlugin | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that are given, as users spell them."""
        return tuple(
            field.alias or name for name, field in type(self).model_fields.items() if getattr(self, name) is not None
        )


class PortRoute(Part):
    """A TCP or TLS route of a VirtualService, found by its port and server names."""

    port: int | None = None
    sni_hosts: tuple[str, ...] = ()


class IstioVirtualService(Part):
    """A VirtualService, `name` or `name.namespace`, and which of its routes are moved; without names, its only one."""

    name: str
    routes: tuple[str, ...] = ()
    tls_routes: tuple[PortRoute, ...] = ()
    tcp_routes: tuple[PortRoute, ...] = ()


class IstioDestinationRule(Part):
    """A DestinationRule whose subsets follow the Pods' hash."""

    name: str
    canary_subset_name: str = ""
    stable_subset_name: str = ""
    additional_subset_names: tuple[str, ...] = ()


class IstioTrafficRouting(Part):
    """Traffic split by Istio."""

    virtual_service: IstioVirtualService | None = None
    virtual_services: tuple[IstioVirtualService, ...] = ()
    destination_rule: IstioDestinationRule | None = None


class ManagedRoute(Part):
    """A route that belongs to the Rollout."""

    name: str


class TrafficRouting(Part):
    """Who splits the traffic."""

    istio: IstioTrafficRouting | None = None
    nginx: Free | None = None
    alb: Free | None = None
    smi: Free | None = None
    ambassador: Free | None = None
    app_mesh: Free | None = None
    traefik: Free | None = None
    apisix: Free | None = None
    plugins: Free | None = None
    managed_routes: tuple[ManagedRoute, ...] = ()
    max_traffic_weight: int | None = None


class PingPong(Part):
    """Two services that take turns as stable and canary."""

    ping_service: str
    pong_service: str


class ReplicaProgressThreshold(Part):
    """How many Pods suffice for progress: `Percent` or `Pods`."""

    type: str
    value: int


class CanaryStrategy(Part):
    """A gradual change of traffic; delays in seconds."""

    canary_service: str = ""
    stable_service: str = ""
    steps: tuple[CanaryStep, ...] = ()
    traffic_routing: TrafficRouting | None = None
    max_unavailable: IntOrString | None = None
    max_surge: IntOrString | None = None
    analysis: BackgroundAnalysis | None = None
    anti_affinity: Free | None = None
    canary_metadata: PodMetadata | None = None
    stable_metadata: PodMetadata | None = None
    scale_down_delay_seconds: int | None = None
    scale_down_delay_revision_limit: int | None = None
    abort_scale_down_delay_seconds: int | None = None
    dynamic_stable_scale: bool = False
    ping_pong: PingPong | None = None
    min_pods_per_replica_set: int | None = None
    replica_progress_threshold: ReplicaProgressThreshold | None = None


class BlueGreenStrategy(Part):
    """A switch from one full set of Pods to another; delays in seconds."""

    active_service: str
    preview_service: str = ""
    preview_replica_count: int | None = None
    auto_promotion_enabled: bool | None = None
    auto_promotion_seconds: int = 0
    max_unavailable: IntOrString | None = None
    scale_down_delay_seconds: int | None = None
    scale_down_delay_revision_limit: int | None = None
    abort_scale_down_delay_seconds: int | None = None
    pre_promotion_analysis: RolloutAnalysis | None = None
    post_promotion_analysis: RolloutAnalysis | None = None
    anti_affinity: Free | None = None
    preview_metadata: PodMetadata | None = None
    active_metadata: PodMetadata | None = None


class RolloutStrategy(Part):
    """Exactly one of the two."""

    canary: CanaryStrategy | None = None
    blue_green: BlueGreenStrategy | None = None


class LabelSelector(Part):
    """Which Pods belong to the Rollout."""

    match_labels: Labels = Field(default_factory=dict)
    match_expressions: tuple[Free, ...] = ()


class WorkloadRef(Part):
    """A workload that lends its Pod template."""

    api_version: str = ""
    kind: str = ""
    name: str = ""
    scale_down: str = ""


class RollbackWindow(Part):
    """How many revisions back a rollback skips the steps."""

    revisions: int = 0


class RunHistory(Part):
    """How many finished runs are kept."""

    successful_run_history_limit: int | None = None
    unsuccessful_run_history_limit: int | None = None


class RolloutSpec(Part):
    """What a Rollout wants. `replicas` is 1 when absent, `progress_deadline_seconds` 600."""

    replicas: int | None = None
    selector: LabelSelector | None = None
    template: Free = Field(default_factory=dict)
    workload_ref: WorkloadRef | None = None
    min_ready_seconds: int = 0
    rollback_window: RollbackWindow | None = None
    strategy: RolloutStrategy = RolloutStrategy()
    revision_history_limit: int | None = None
    paused: bool = False
    progress_deadline_seconds: int | None = None
    progress_deadline_abort: bool = False
    restart_at: Timestamp | None = None
    analysis: RunHistory | None = None
