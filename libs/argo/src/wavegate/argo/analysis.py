"""Argo Rollouts' AnalysisTemplate, ClusterAnalysisTemplate and AnalysisRun.

Limits are numbers or text, for they may hold `{{args.x}}`. Providers that Wavegate does not run are kept as they are, to be
refused by name.
"""

from __future__ import annotations

from pydantic import Field

from wavegate.argo.model import Free, IntOrString, Labels, Part, Resource, Timestamp


class FieldRef(Part):
    """A field of the Rollout."""

    field_path: str


class SecretKeyRef(Part):
    """A key of a Secret in the run's namespace."""

    name: str
    key: str


class ArgumentSource(Part):
    """Where an argument's value is taken from."""

    secret_key_ref: SecretKeyRef | None = None
    field_ref: FieldRef | None = None
    pod_template_hash_value: str | None = None


class Argument(Part):
    """An argument; without a value, who uses the template must give one."""

    name: str
    value: str | None = None
    value_from: ArgumentSource | None = None


class DryRun(Part):
    """Metrics that are measured but do not decide; the name is a regular expression."""

    metric_name: str


class MeasurementRetention(Part):
    """How many measurements of a metric are kept; the name is a regular expression."""

    metric_name: str
    limit: int


class TemplateRef(Part):
    """A template by name, in the namespace or cluster-wide."""

    template_name: str = ""
    cluster_scope: bool = False


class Header(Part):
    """A header of a provider's request."""

    key: str
    value: str


class RangeQuery(Part):
    """A Prometheus range: `start` and `end` are expressions, `step` a Go duration."""

    start: str = ""
    end: str = ""
    step: str = ""


class PrometheusMetric(Part):
    """A Prometheus query; `timeout` in seconds, 30 when absent."""

    address: str = ""
    query: str = ""
    authentication: Free | None = None
    timeout: int | None = None
    insecure: bool = False
    headers: tuple[Header, ...] = ()
    range_query: RangeQuery | None = None


class MetricProvider(Part):
    """Where measurements come from: exactly one."""

    prometheus: PrometheusMetric | None = None
    web: Free | None = None
    job: Free | None = None
    datadog: Free | None = None
    new_relic: Free | None = None
    wavefront: Free | None = None
    kayenta: Free | None = None
    cloud_watch: Free | None = None
    graphite: Free | None = None
    influxdb: Free | None = None
    skywalking: Free | None = None
    plugin: Free | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The providers that are given, as users spell them."""
        return tuple(
            field.alias or name for name, field in type(self).model_fields.items() if getattr(self, name) is not None
        )


class Metric(Part):
    """What is measured, when, and how it is judged."""

    name: str
    interval: str = ""
    initial_delay: str = ""
    count: IntOrString | None = None
    success_condition: str = ""
    failure_condition: str = ""
    failure_limit: IntOrString | None = None
    inconclusive_limit: IntOrString | None = None
    consecutive_error_limit: IntOrString | None = None
    consecutive_success_limit: IntOrString | None = None
    provider: MetricProvider = MetricProvider()


class TtlStrategy(Part):
    """When a completed run is deleted: seconds."""

    seconds_after_completion: int | None = None
    seconds_after_failure: int | None = None
    seconds_after_success: int | None = None


class AnalysisTemplateSpec(Part):
    """The metrics of a template and of the templates that it names."""

    metrics: tuple[Metric, ...] = ()
    args: tuple[Argument, ...] = ()
    dry_run: tuple[DryRun, ...] = ()
    measurement_retention: tuple[MeasurementRetention, ...] = ()
    templates: tuple[TemplateRef, ...] = ()


class AnalysisTemplate(Resource):
    """A template of a namespace."""

    spec: AnalysisTemplateSpec


class ClusterAnalysisTemplate(Resource):
    """A template that any namespace may use."""

    spec: AnalysisTemplateSpec


class AnalysisRunSpec(Part):
    """A run: what a template became once its arguments were known."""

    metrics: tuple[Metric, ...] = ()
    args: tuple[Argument, ...] = ()
    terminate: bool = False
    dry_run: tuple[DryRun, ...] = ()
    measurement_retention: tuple[MeasurementRetention, ...] = ()
    ttl_strategy: TtlStrategy | None = None


class Measurement(Part):
    """One measurement: Pending, Running, Successful, Failed, Error or Inconclusive."""

    phase: str
    message: str = ""
    started_at: Timestamp | None = None
    finished_at: Timestamp | None = None
    value: str = ""
    metadata: Labels = Field(default_factory=dict)
    resume_at: Timestamp | None = None


class MetricResult(Part):
    """How a metric stands: counters over all measurements, and the last of them."""

    name: str
    phase: str
    measurements: tuple[Measurement, ...] = ()
    message: str = ""
    count: int = 0
    successful: int = 0
    failed: int = 0
    inconclusive: int = 0
    error: int = 0
    consecutive_error: int = 0
    consecutive_success: int = 0
    dry_run: bool = False
    metadata: Labels = Field(default_factory=dict)


class RunSummary(Part):
    """How many metrics ended in which phase."""

    count: int = 0
    successful: int = 0
    failed: int = 0
    inconclusive: int = 0
    error: int = 0


class AnalysisRunStatus(Part):
    """How a run stands."""

    phase: str = ""
    message: str = ""
    metric_results: tuple[MetricResult, ...] = ()
    started_at: Timestamp | None = None
    completed_at: Timestamp | None = None
    run_summary: RunSummary = RunSummary()
    dry_run_summary: RunSummary | None = None


class AnalysisRun(Resource):
    """A run of metrics."""

    spec: AnalysisRunSpec
    status: AnalysisRunStatus = AnalysisRunStatus()
