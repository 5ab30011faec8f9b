"""Events of a Rollout's AnalysisRuns: started, each measurement with its evidence, the verdict."""

from collections.abc import Iterable
from typing import Protocol

from wavegate.contracts.rollout import AnalysisCompleted, AnalysisStarted, MeasurementTaken, RolloutEvent
from wavegate.rollout_analyzer.domain.arguments import UnresolvedArgument, substituted, values
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.metrics import InvalidMetric, Metric, read_metric
from wavegate.rollout_analyzer.domain.names import FAILED, Json
from wavegate.rollout_analyzer.domain.run_status import Measurement, MetricResult
from wavegate.rollout_analyzer.domain.runs import Run
from wavegate.rollout_analyzer.domain.state import RolloutState, RunTold
from wavegate.rollout_analyzer.domain.wording import evidence


class Telling(Protocol):
    """What gathers events (`announcing.Telling`)."""

    told: RolloutState

    def say(self, event: type[RolloutEvent], **fields: object) -> None:
        """Gather an event."""

    def remember(self, **changes: object) -> None:
        """Change what is remembered."""


def tell_runs(runs: Iterable[Run], telling: Telling) -> None:
    """Tell what is new of each run; runs that are gone are forgotten."""
    before = telling.told.runs
    after: dict[str, RunTold] = {}
    for run in sorted(runs, key=lambda one: (one.created, one.name)):
        after[run.name] = _run(run, before.get(run.name), telling)
    if after != before:
        telling.remember(runs=after)


def _run(run: Run, told: RunTold | None, telling: Telling) -> RunTold:
    if told is None:
        telling.say(AnalysisStarted, analysis_run=run.name, step=run.step)
        told = RunTold()
    measured = dict(told.measured)
    for result in run.status.results:
        _measurements(run, result, measured.get(result.name, 0), telling)
        measured[result.name] = result.taken
    if run.completed and not told.completed:
        telling.say(AnalysisCompleted, analysis_run=run.name, phase=run.status.phase, detail=run.status.message)
    return RunTold(measured=measured, completed=run.completed)


def _measurements(run: Run, result: MetricResult, told: int, telling: Telling) -> None:
    """Tell of the measurements past the first `told`; of those that are no longer kept nothing can be told."""
    fresh = min(result.taken - told, len(result.measurements))
    if fresh <= 0:
        return
    metric = _metric(run, result.name)
    newest = result.measurements[len(result.measurements) - fresh :]
    failed = result.failed - sum(one.phase == FAILED for one in newest)
    for offset, measurement in enumerate(newest):
        failed += measurement.phase == FAILED
        index = result.taken - fresh + offset
        _measurement(run, result, metric, telling, (measurement, index, failed))


def _measurement(
    run: Run, result: MetricResult, metric: Metric | None, telling: Telling, taken: tuple[Measurement, int, int]
) -> None:
    measurement, index, failed = taken
    wanted = metric.wanted if metric else None
    telling.say(
        MeasurementTaken,
        analysis_run=run.name,
        metric=result.name,
        index=index,
        value=measurement.value,
        phase=measurement.phase,
        threshold=metric.threshold if metric else "",
        detail=evidence(measurement, metric, failed, wanted or index + 1),
    )


def _metric(run: Run, name: str) -> Metric | None:
    """Return a run's metric as measured; arguments from Secrets stay as written."""
    listed = run.spec.get("metrics")
    written = (
        next((one for one in listed if isinstance(one, dict) and one.get("name") == name), None) if listed else None
    )
    if written is None:
        return None
    try:
        return read_metric(substituted(written, _plain_values(run.spec)))
    except (UnresolvedArgument, InvalidMetric):
        return None


def _plain_values(spec: Json) -> dict[str, str]:
    args = spec.get("args")
    listed = [one for one in args if isinstance(one, dict)] if isinstance(args, list) else []
    hidden = {str(one.get("name")): "*****" for one in listed if mapping(one, "valueFrom")}
    return values(listed, hidden)
