"""An AnalysisRun's status, field by field as Argo Rollouts writes it (rollouts.md §2.7)."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import COMPLETED, ERROR, FAILED, INCONCLUSIVE, SUCCESSFUL, Json
from wavegate.rollout_analyzer.domain.times import format_time, parse_time

RETAINED = 10


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement of a metric. `value` is as the provider gave it; `message` holds no secret."""

    phase: str
    started_at: datetime | None = None
    finished_at: datetime | None = None
    value: str = ""
    message: str = ""
    metadata: Json = field(default_factory=dict)

    def to_json(self) -> Json:
        """Return the JSON shape."""
        times = {"startedAt": self.started_at, "finishedAt": self.finished_at}
        texts = {"value": self.value, "message": self.message, "metadata": self.metadata}
        return (
            {"phase": self.phase}
            | {key: format_time(moment) for key, moment in times.items() if moment}
            | {key: value for key, value in texts.items() if value}
        )


@dataclass(frozen=True, slots=True)
class MetricResult:
    """What is known of one metric. The counters count all measurements; only the last ten are kept."""

    name: str
    phase: str = ""
    message: str = ""
    measurements: tuple[Measurement, ...] = ()
    count: int = 0
    successful: int = 0
    failed: int = 0
    inconclusive: int = 0
    error: int = 0
    consecutive_error: int = 0
    consecutive_success: int = 0
    metadata: Json = field(default_factory=dict)

    @property
    def completed(self) -> bool:
        """Tell whether there is a verdict."""
        return self.phase in COMPLETED

    @property
    def taken(self) -> int:
        """Return how many measurements were ever taken, errors included."""
        return self.count + self.error

    @property
    def decided(self) -> int:
        """Return how many measurements came out as good or bad."""
        return self.successful + self.failed

    @property
    def last(self) -> Measurement | None:
        """Return the newest measurement."""
        return self.measurements[-1] if self.measurements else None

    def with_measurement(self, taken: Measurement) -> "MetricResult":
        """Return the result after one more measurement (rollouts.md §2.7, counters)."""
        failing = taken.phase == ERROR
        good = taken.phase == SUCCESSFUL
        return replace(
            self,
            phase=self.phase or "Running",
            measurements=(*self.measurements, taken)[-RETAINED:],
            count=self.count + (not failing),
            successful=self.successful + good,
            failed=self.failed + (taken.phase == FAILED),
            inconclusive=self.inconclusive + (taken.phase == INCONCLUSIVE),
            error=self.error + failing,
            consecutive_error=self.consecutive_error + 1 if failing else 0,
            consecutive_success=self.consecutive_success + 1 if good else 0,
        )

    def to_json(self) -> Json:
        """Return the JSON shape; counters that are zero are left out, as Go does."""
        counters = {
            "count": self.count,
            "successful": self.successful,
            "failed": self.failed,
            "inconclusive": self.inconclusive,
            "error": self.error,
            "consecutiveError": self.consecutive_error,
            "consecutiveSuccess": self.consecutive_success,
        }
        shape: Json = {"name": self.name, "phase": self.phase}
        shape |= {key: value for key, value in counters.items() if value}
        shape |= {key: value for key, value in (("message", self.message), ("metadata", self.metadata)) if value}
        if self.measurements:
            shape["measurements"] = [one.to_json() for one in self.measurements]
        return shape


@dataclass(frozen=True, slots=True)
class RunStatus:
    """An AnalysisRun's status. `results` None means that it was never looked at."""

    phase: str = ""
    message: str = ""
    started_at: datetime | None = None
    completed_at: datetime | None = None
    measured: tuple[MetricResult, ...] | None = None

    @property
    def results(self) -> tuple[MetricResult, ...]:
        """Return the metrics' results."""
        return self.measured or ()

    def result(self, name: str) -> MetricResult | None:
        """Return the result of one metric."""
        return next((one for one in self.results if one.name == name), None)

    def with_result(self, changed: MetricResult) -> "RunStatus":
        """Return the status with one metric's result replaced or added."""
        if self.result(changed.name) is None:
            return replace(self, measured=(*self.results, changed))
        return replace(self, measured=tuple(changed if one.name == changed.name else one for one in self.results))

    def to_json(self, metrics: int) -> Json:
        """Return the JSON shape of a run with so many metrics. Summaries count metrics, not measurements."""
        shape: Json = {"phase": self.phase}
        if self.message:
            shape["message"] = self.message
        if self.started_at:
            shape["startedAt"] = format_time(self.started_at)
        if self.completed_at:
            shape["completedAt"] = format_time(self.completed_at)
        if self.measured is not None:
            shape["metricResults"] = [one.to_json() for one in self.measured]
        return shape | {"runSummary": _summary(self.results, metrics), "dryRunSummary": {}}


def _summary(results: tuple[MetricResult, ...], metrics: int) -> Json:
    named = (("successful", SUCCESSFUL), ("failed", FAILED), ("inconclusive", INCONCLUSIVE), ("error", ERROR))
    counted = {key: sum(one.phase == phase for one in results) for key, phase in named}
    return {key: value for key, value in {"count": metrics, **counted}.items() if value}


def read_run_status(status: Json) -> RunStatus:
    """Read a status; what cannot be read counts as not there."""
    results = status.get("metricResults")
    return RunStatus(
        phase=str(status.get("phase") or ""),
        message=str(status.get("message") or ""),
        started_at=parse_time(status.get("startedAt")),
        completed_at=parse_time(status.get("completedAt")),
        measured=tuple(_result(one) for one in results if isinstance(one, dict)) if isinstance(results, list) else None,
    )


def _result(result: Json) -> MetricResult:
    measurements = result.get("measurements")
    listed = measurements if isinstance(measurements, list) else []
    return MetricResult(
        name=str(result.get("name") or ""),
        phase=str(result.get("phase") or ""),
        message=str(result.get("message") or ""),
        measurements=tuple(_measurement(one) for one in listed if isinstance(one, dict)),
        count=_count(result, "count"),
        successful=_count(result, "successful"),
        failed=_count(result, "failed"),
        inconclusive=_count(result, "inconclusive"),
        error=_count(result, "error"),
        consecutive_error=_count(result, "consecutiveError"),
        consecutive_success=_count(result, "consecutiveSuccess"),
        metadata=mapping(result, "metadata"),
    )


def _measurement(measurement: Json) -> Measurement:
    return Measurement(
        phase=str(measurement.get("phase") or ""),
        started_at=parse_time(measurement.get("startedAt")),
        finished_at=parse_time(measurement.get("finishedAt")),
        value=str(measurement.get("value") or ""),
        message=str(measurement.get("message") or ""),
        metadata=mapping(measurement, "metadata"),
    )


def _count(source: Json, key: str) -> int:
    value: Any = source.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
