"""When a metric is measured next: derived from what the AnalysisRun's status holds (rollouts.md §2.7, schedule)."""

from collections.abc import Sequence
from datetime import datetime

from wavegate.rollout_analyzer.domain.metrics import Metric
from wavegate.rollout_analyzer.domain.names import ERROR
from wavegate.rollout_analyzer.domain.run_status import RunStatus
from wavegate.rollout_analyzer.domain.times import after, earliest

ERROR_RETRY_SECONDS = 10.0


def due_time(metric: Metric, status: RunStatus) -> datetime | None:
    """Return when a metric of a live run is to be measured; None when it is complete. Never before `started_at`."""
    result = status.result(metric.name)
    if status.started_at is None or (result is not None and result.completed):
        return None
    last = result.last if result else None
    if result is None or last is None:
        return after(status.started_at, metric.initial_delay)
    if metric.wanted is not None and result.count >= metric.wanted:
        return None
    finished = last.finished_at or status.started_at
    retry = last.phase == ERROR or metric.interval is None
    return after(finished, ERROR_RETRY_SECONDS if retry else metric.interval or 0.0)


def due_now(metrics: Sequence[Metric], status: RunStatus, now: datetime) -> tuple[Metric, ...]:
    """Return the metrics to measure now."""
    times = ((metric, due_time(metric, status)) for metric in metrics)
    return tuple(metric for metric, due in times if due is not None and due <= now)


def next_time(metrics: Sequence[Metric], status: RunStatus) -> datetime | None:
    """Return when the next metric is due."""
    return earliest(*(due_time(metric, status) for metric in metrics))
