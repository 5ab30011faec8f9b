"""The metrics of an AnalysisRun, read and validated with Argo's words (rollouts.md §2.7, validation)."""

from dataclasses import dataclass, field
from typing import Any

from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import Json
from wavegate.rollout_analyzer.domain.times import parse_duration

DEFAULT_CONSECUTIVE_ERROR_LIMIT = 4
METRICS_LIMIT = 100

_METRIC = (
    "name",
    "interval",
    "initialDelay",
    "count",
    "successCondition",
    "failureCondition",
    "failureLimit",
    "inconclusiveLimit",
    "consecutiveErrorLimit",
    "consecutiveSuccessLimit",
    "provider",
)
_PROMETHEUS = ("address", "query", "timeout", "headers")


class InvalidMetric(Exception):
    """A metric cannot be measured as it is written."""


@dataclass(frozen=True, slots=True)
class PrometheusQuery:
    """What to ask of which Prometheus. `address` empty means the operator's; `timeout` in seconds."""

    query: str
    address: str = ""
    timeout: int = 30
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric with its arguments resolved. Times in seconds; limits count measurements; None means not set."""

    name: str
    source: PrometheusQuery
    interval: float | None = None
    initial_delay: float = 0.0
    count: int = 0
    success_condition: str = ""
    failure_condition: str = ""
    failure_limit: int = 0
    inconclusive_limit: int = 0
    consecutive_error_limit: int = DEFAULT_CONSECUTIVE_ERROR_LIMIT
    consecutive_success_limit: int = 0
    annotations: Json = field(default_factory=dict)

    @property
    def wanted(self) -> int | None:
        """Return how many measurements end the metric; None when only a limit does."""
        if self.count > 0:
            return self.count
        return None if self.interval is not None else 1

    @property
    def threshold(self) -> str:
        """Return the conditions as written, for people."""
        parts = [self.success_condition, f"not ({self.failure_condition})" if self.failure_condition else ""]
        return " and ".join(part for part in parts if part)


def read_metrics(metrics: list[Json]) -> tuple[Metric, ...]:
    """Read the metrics of a run.

    Raises:
        InvalidMetric: One is invalid; the text follows `Analysis spec invalid: ` in the run's message.
    """
    if not metrics:
        raise InvalidMetric("no metrics specified")
    if len(metrics) > METRICS_LIMIT:
        raise InvalidMetric(f"more than {METRICS_LIMIT} metrics specified")
    names: set[str] = set()
    for index, metric in enumerate(metrics):
        name = str(metric.get("name"))
        if name in names:
            raise InvalidMetric(f"metrics[{index}]: duplicate name '{name}'")
        names.add(name)
    return tuple(_named(index, metric) for index, metric in enumerate(metrics))


def _named(index: int, metric: Json) -> Metric:
    try:
        return read_metric(metric)
    except InvalidMetric as invalid:
        raise InvalidMetric(f"metrics[{index}]: {invalid}") from None


def read_metric(metric: Json) -> Metric:
    """Read one metric.

    Raises:
        InvalidMetric: In Argo's words, or naming what is not supported.
    """
    _known(metric, _METRIC, "field")
    interval = _seconds(metric, "interval", "invalid interval string")
    delay = _seconds(metric, "initialDelay", "invalid startDelay string")
    read = Metric(
        name=str(metric.get("name") or ""),
        source=_source(mapping(metric, "provider")),
        interval=interval,
        initial_delay=delay or 0.0,
        count=int_or_string(metric.get("count")),
        success_condition=str(metric.get("successCondition") or ""),
        failure_condition=str(metric.get("failureCondition") or ""),
        failure_limit=int_or_string(metric.get("failureLimit")),
        inconclusive_limit=int_or_string(metric.get("inconclusiveLimit")),
        consecutive_error_limit=_limit(metric, "consecutiveErrorLimit", DEFAULT_CONSECUTIVE_ERROR_LIMIT),
        consecutive_success_limit=int_or_string(metric.get("consecutiveSuccessLimit")),
    )
    _check_counts(read)
    _check_limits(read, metric)
    return read


def _check_counts(metric: Metric) -> None:
    if metric.count > 0:
        if metric.count < metric.failure_limit + metric.consecutive_success_limit:
            raise InvalidMetric("count must be >= failureLimit + consecutiveSuccessLimit")
        if metric.count < metric.inconclusive_limit:
            raise InvalidMetric("count must be >= inconclusiveLimit")
    if metric.count > 1 and metric.interval is None:
        raise InvalidMetric("interval must be specified when count > 1")


def _check_limits(metric: Metric, written: Json) -> None:
    if metric.failure_limit < -1:
        raise InvalidMetric("failureLimit must be >= -1")
    if metric.consecutive_success_limit < 0:
        raise InvalidMetric("consecutiveSuccessLimit must be >= 0")
    if metric.failure_limit == -1 and metric.consecutive_success_limit == 0:
        raise InvalidMetric("failureLimit can not be -1 when consecutiveSuccessLimit is 0")
    if metric.inconclusive_limit < 0:
        raise InvalidMetric("inconclusiveLimit must be >= 0")
    if written.get("consecutiveErrorLimit") is not None and metric.consecutive_error_limit < 0:
        raise InvalidMetric("consecutiveErrorLimit must be >= 0")


def int_or_string(value: Any) -> int:
    """Return Kubernetes' IntOrString as a number; a string that is no number is 0, as in Go."""
    if isinstance(value, bool) or value is None:
        return 0
    if isinstance(value, int):
        return value
    text = str(value)
    digits = text.removeprefix("-").removeprefix("+")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 10 else 0


def _limit(metric: Json, key: str, default: int) -> int:
    return default if metric.get(key) is None else int_or_string(metric.get(key))


def _seconds(metric: Json, key: str, trouble: str) -> float | None:
    written = metric.get(key)
    if written in (None, ""):
        return None
    try:
        return parse_duration(str(written))
    except ValueError as error:
        raise InvalidMetric(f"{trouble}: {error}") from None


def _source(provider: Json) -> PrometheusQuery:
    named = [key for key, value in provider.items() if value is not None]
    if not named:
        raise InvalidMetric("no provider specified")
    if len(named) > 1:
        raise InvalidMetric("multiple providers specified")
    if named != ["prometheus"]:
        raise InvalidMetric(f"the metric provider {named[0]} is not supported by Wavegate")
    prometheus = mapping(provider, "prometheus")
    _known(prometheus, _PROMETHEUS, "prometheus field")
    timeout = int_or_string(prometheus.get("timeout")) if prometheus.get("timeout") is not None else 30
    if timeout < 0:
        raise InvalidMetric("prometheus timeout should not be negative")
    return PrometheusQuery(
        query=str(prometheus.get("query") or ""),
        address=str(prometheus.get("address") or ""),
        timeout=timeout,
        headers=_headers(prometheus.get("headers")),
    )


def _headers(headers: Any) -> tuple[tuple[str, str], ...]:
    listed = headers if isinstance(headers, list) else []
    pairs = [(str(one.get("key") or ""), str(one.get("value") or "")) for one in listed if isinstance(one, dict)]
    return tuple(pair for pair in pairs if pair[0])


def _known(source: Json, known: tuple[str, ...], what: str) -> None:
    for key, value in source.items():
        if key not in known and value not in (None, {}, [], "", False):
            raise InvalidMetric(f"the {what} {key} is not supported by Wavegate")
