"""One look at an AnalysisRun → what to measure, what to record (rollouts.md §2.7).

Everything stands in the run's status, written by compare-and-set: a measurement is recorded under its index, so that one
taken twice (after a crash, or by two analyzers) is counted once, and one that was not recorded is taken again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from wavegate.rollout_analyzer.domain.actions import Outcome, Patch, Patched, TakeMeasurements, Taken
from wavegate.rollout_analyzer.domain.arguments import UnresolvedArgument, redacted, substituted, values
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.metrics import InvalidMetric, Metric, read_metrics
from wavegate.rollout_analyzer.domain.names import COMPLETED, ERROR, RUNNING, Json
from wavegate.rollout_analyzer.domain.run_assessment import metric_phase, run_phase, terminating
from wavegate.rollout_analyzer.domain.run_schedule import due_now, next_time
from wavegate.rollout_analyzer.domain.run_status import MetricResult, RunStatus, read_run_status
from wavegate.rollout_analyzer.domain.status_writing import merge_patch

QUERY_SHOWN = 2048
_UNSUPPORTED = ("dryRun", "measurementRetention", "ttlStrategy")


@dataclass(frozen=True, slots=True)
class RunObservation:
    """An AnalysisRun as it stands, the secret values that its arguments name, and what hindered reading them."""

    run: Json
    secrets: Mapping[str, str] = field(default_factory=dict)
    secret_trouble: str = ""

    @property
    def spec(self) -> Json:
        """Return the run's spec."""
        return mapping(self.run, "spec")

    @property
    def status(self) -> RunStatus:
        """Return the run's status."""
        return read_run_status(mapping(self.run, "status"))


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What follows from a look at a run."""

    actions: tuple[TakeMeasurements | Patch, ...] = ()
    wake_at: datetime | None = None


def planned_run(seen: RunObservation, outcomes: Sequence[Outcome], now: datetime) -> RunPlan:
    """Decide on an AnalysisRun."""
    status = seen.status
    if status.phase in COMPLETED:
        return RunPlan()
    begun = replace(status, started_at=status.started_at or now, measured=status.results)
    try:
        metrics = _metrics(seen)
    except (InvalidMetric, UnresolvedArgument) as trouble:
        return _recorded(seen, _failed(begun, _trouble(trouble, seen.secrets), now), outcomes)
    after = _assessed(seen, metrics, _with_outcomes(begun, metrics, outcomes, seen.secrets), now)
    if _differs(seen, after):
        recorded = _recorded(seen, after, outcomes)
        if recorded.actions:
            return recorded
    return _next(seen, metrics, after, now)


def _metrics(seen: RunObservation) -> tuple[Metric, ...]:
    for part in _UNSUPPORTED:
        if seen.spec.get(part):
            raise InvalidMetric(f"{part} is not supported by Wavegate")
    if seen.secret_trouble:
        raise UnresolvedArgument(seen.secret_trouble)
    listed = seen.spec.get("metrics")
    written = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    args = seen.spec.get("args")
    known = values([one for one in args if isinstance(one, dict)] if isinstance(args, list) else [], seen.secrets)
    return read_metrics([substituted(one, known) for one in written])


def _trouble(trouble: Exception, secrets: Mapping[str, str]) -> str:
    if isinstance(trouble, InvalidMetric):
        return redacted(f"Analysis spec invalid: {trouble}", secrets)
    return redacted(f"Unable to resolve metric arguments: {trouble}", secrets)


def _failed(status: RunStatus, message: str, now: datetime) -> RunStatus:
    return replace(status, phase=ERROR, message=message, completed_at=now)


def _with_outcomes(
    status: RunStatus, metrics: Sequence[Metric], outcomes: Sequence[Outcome], secrets: Mapping[str, str]
) -> RunStatus:
    """Add the measurements just taken; one whose place is already filled was recorded by somebody else."""
    by_name = {metric.name: metric for metric in metrics}
    for taken in outcomes:
        if not isinstance(taken, Taken) or taken.metric not in by_name:
            continue
        result = status.result(taken.metric) or MetricResult(taken.metric)
        if result.completed or result.taken != taken.index:
            continue
        query = redacted(by_name[taken.metric].source.query, secrets)[:QUERY_SHOWN]
        clean = replace(taken.measurement, message=redacted(taken.measurement.message, secrets))
        changed = replace(result.with_measurement(clean), metadata={"ResolvedPrometheusQuery": query})
        status = status.with_result(changed)
    return status


def _assessed(seen: RunObservation, metrics: Sequence[Metric], status: RunStatus, now: datetime) -> RunStatus:
    """Settle every metric's phase, then the run's; a metric that settles the verdict ends the others (§2.7)."""
    terminate = seen.spec.get("terminate") is True
    for _ in range(2):
        ending = terminating(terminate, status)
        for metric in metrics:
            status = _with_phase(metric, status, ending=ending)
    ending = terminating(terminate, status)
    phase, message = run_phase(metrics, status, ending=ending)
    done = phase in COMPLETED
    return replace(status, phase=phase or RUNNING, message=message, completed_at=now if done else None)


def _with_phase(metric: Metric, status: RunStatus, *, ending: bool) -> RunStatus:
    result = status.result(metric.name)
    if result is None or result.completed:
        return status
    phase = metric_phase(metric, result, ending=ending)
    if phase == result.phase:
        return status
    message = result.last.message if result.last else result.message
    return status.with_result(replace(result, phase=phase, message=message))


def _differs(seen: RunObservation, status: RunStatus) -> bool:
    return status != seen.status


def _recorded(seen: RunObservation, status: RunStatus, outcomes: Sequence[Outcome]) -> RunPlan:
    metrics = seen.spec.get("metrics")
    shape = status.to_json(len(metrics) if isinstance(metrics, list) else 0)
    body = merge_patch(mapping(seen.run, "status"), shape)
    if body is None:
        return RunPlan()
    metadata = mapping(seen.run, "metadata")
    place = (str(metadata.get("namespace", "")), str(metadata.get("name", "")))
    patch = Patch("AnalysisRun", *place, str(metadata.get("resourceVersion", "")), {"status": body}, "status")
    if any(isinstance(outcome, Patched) and outcome.repeats(patch) for outcome in outcomes):
        return RunPlan()
    return RunPlan((patch,))


def _next(seen: RunObservation, metrics: Sequence[Metric], status: RunStatus, now: datetime) -> RunPlan:
    if status.phase in COMPLETED or terminating(seen.spec.get("terminate") is True, status):
        return RunPlan()
    due = due_now(metrics, status, now)
    if due:
        taken = {metric.name: result.taken if (result := status.result(metric.name)) else 0 for metric in due}
        return RunPlan((TakeMeasurements(due, taken),))
    return RunPlan(wake_at=next_time(metrics, status))
