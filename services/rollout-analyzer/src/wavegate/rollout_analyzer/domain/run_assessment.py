"""Verdicts on metrics and runs: Argo's rules in Argo's order (rollouts.md §2.7), and one of ours.

Ours: no evidence is never success (architecture §1, rule 5). A metric whose count is reached without one measurement that
came out as good or bad is Inconclusive, where Argo would call it Successful if `inconclusiveLimit` allowed that many.
"""

from collections.abc import Sequence

from wavegate.rollout_analyzer.domain.metrics import Metric
from wavegate.rollout_analyzer.domain.names import (
    COMPLETED,
    ERROR,
    FAILED,
    INCONCLUSIVE,
    PENDING,
    RUNNING,
    SUCCESSFUL,
)
from wavegate.rollout_analyzer.domain.run_status import MetricResult, RunStatus

_WORSE = (SUCCESSFUL, RUNNING, PENDING, INCONCLUSIVE, ERROR, FAILED)
RUN_TERMINATED = "Run Terminated"
NO_EVIDENCE = "no measurement came out as good or bad"


def terminating(terminate: bool, status: RunStatus) -> bool:  # noqa: FBT001 - the run's own field
    """Tell whether no further measurements start: told so, or a metric has already settled the verdict."""
    return terminate or any(one.phase in {FAILED, ERROR, INCONCLUSIVE} for one in status.results)


def broken_limit(metric: Metric, result: MetricResult) -> tuple[str, str]:
    """Return the phase and reason of a limit that is broken; empty when none is. Later checks override earlier ones."""
    phase, reason = "", ""
    if 0 <= metric.failure_limit < result.failed:
        phase, reason = FAILED, f"failed ({result.failed}) > failureLimit ({metric.failure_limit})"
    if result.inconclusive > metric.inconclusive_limit:
        phase = INCONCLUSIVE
        reason = f"inconclusive ({result.inconclusive}) > inconclusiveLimit ({metric.inconclusive_limit})"
    if result.consecutive_error > metric.consecutive_error_limit:
        phase = ERROR
        reason = (
            f"consecutiveErrors ({result.consecutive_error}) > consecutiveErrorLimit ({metric.consecutive_error_limit})"
        )
    return phase, reason


def metric_phase(metric: Metric, result: MetricResult, *, ending: bool) -> str:
    """Return a metric's phase; `ending` says that the run takes no further measurements."""
    if result.completed:
        return result.phase
    if result.last is None:
        return SUCCESSFUL if ending else PENDING
    if result.last.phase not in COMPLETED:
        return RUNNING
    return broken_limit(metric, result)[0] or _unbroken(metric, result, ending=ending)


def _unbroken(metric: Metric, result: MetricResult, *, ending: bool) -> str:
    if 0 < metric.consecutive_success_limit <= result.consecutive_success:
        return SUCCESSFUL
    if metric.wanted is not None and result.count >= metric.wanted:
        return _at_count(metric, result)
    return SUCCESSFUL if ending else RUNNING


def _at_count(metric: Metric, result: MetricResult) -> str:
    if metric.consecutive_success_limit > 0:
        return INCONCLUSIVE if metric.failure_limit >= 0 else FAILED
    return SUCCESSFUL if result.decided > 0 else INCONCLUSIVE


def run_phase(metrics: Sequence[Metric], status: RunStatus, *, ending: bool) -> tuple[str, str]:
    """Return a run's phase and message: Running until every metric is complete, then the worst of them."""
    worst, message = "", ""
    for metric in metrics:
        result = status.result(metric.name)
        if result is None or not result.completed:
            if not ending:
                return RUNNING, ""
            continue
        if not worst or _WORSE.index(result.phase) > _WORSE.index(worst):
            worst, message = result.phase, _message(metric, result)
    if worst:
        return worst, message
    return SUCCESSFUL, RUN_TERMINATED


def _message(metric: Metric, result: MetricResult) -> str:
    _, reason = broken_limit(metric, result)
    if not reason and result.phase == INCONCLUSIVE and metric.consecutive_success_limit == 0:
        reason = NO_EVIDENCE
    if not reason:
        return ""
    message = f'Metric "{metric.name}" assessed {result.phase} due to {reason}'
    return f'{message}: "Error Message: {result.message}"' if result.message else message
