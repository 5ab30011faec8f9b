"""Verdicts on metrics and runs (rollouts.md §2.7), and evidence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.rollout_analyzer.domain.metrics import Metric, PrometheusQuery, read_metric
from wavegate.rollout_analyzer.domain.run_assessment import metric_phase, run_phase
from wavegate.rollout_analyzer.domain.run_schedule import due_time
from wavegate.rollout_analyzer.domain.run_status import Measurement, MetricResult, RunStatus
from wavegate.rollout_analyzer.domain.runs import has_evidence

T0 = datetime(2026, 1, 1, tzinfo=UTC)
PHASES = {"s": "Successful", "f": "Failed", "i": "Inconclusive", "e": "Error"}


def metric(**fields: Any) -> Metric:
    return Metric("m", PrometheusQuery("up"), **{"interval": 10.0, **fields})


def measured(history: str) -> MetricResult:
    result = MetricResult("m")
    for letter in history:
        result = result.with_measurement(Measurement(PHASES[letter], T0, T0))
    return result


@pytest.mark.parametrize(
    ("fields", "history", "expected"),
    [
        ({"count": 3}, "", "Pending"),
        ({"count": 3}, "ss", "Running"),
        ({"count": 3}, "sss", "Successful"),
        ({"count": 3}, "f", "Failed"),
        ({"count": 3, "failure_limit": 1}, "sf", "Running"),
        ({"count": 3, "failure_limit": 1}, "sfs", "Successful"),
        ({"count": 3, "failure_limit": 1}, "ff", "Failed"),
        ({"count": 3}, "i", "Inconclusive"),
        ({"count": 3, "inconclusive_limit": 1}, "is", "Running"),
        ({"count": 3}, "eeee", "Running"),
        ({"count": 3}, "eeeee", "Error"),
        ({"count": 3}, "eeseee", "Running"),
        ({"count": 3, "consecutive_error_limit": 0}, "e", "Error"),
        ({"count": 3, "failure_limit": 0}, "fi", "Inconclusive"),
        ({"count": 0, "interval": None}, "s", "Successful"),
        ({"count": 0}, "ssssssss", "Running"),
        ({"count": 0, "consecutive_success_limit": 3, "failure_limit": -1}, "ffsfss", "Running"),
        ({"count": 0, "consecutive_success_limit": 3, "failure_limit": -1}, "ffsss", "Successful"),
        ({"count": 5, "consecutive_success_limit": 3, "failure_limit": -1}, "ssfss", "Failed"),
        ({"count": 5, "consecutive_success_limit": 3, "failure_limit": 2}, "ssfss", "Inconclusive"),
        ({"count": 3, "failure_limit": 3}, "fff", "Successful"),
        ({"count": 3, "inconclusive_limit": 3}, "iii", "Inconclusive"),
    ],
)
def test_a_metric_is_assessed_in_argos_order(fields: dict[str, Any], history: str, expected: str) -> None:
    assert metric_phase(metric(**fields), measured(history), ending=False) == expected


def test_a_metric_that_is_told_to_end_succeeds_unless_a_limit_is_broken() -> None:
    assert metric_phase(metric(count=3), measured(""), ending=True) == "Successful"
    assert metric_phase(metric(count=3), measured("s"), ending=True) == "Successful"
    assert metric_phase(metric(count=3), measured("f"), ending=True) == "Failed"


@given(
    history=st.text(alphabet="sfie", max_size=30),
    count=st.integers(0, 8),
    failure=st.integers(-1, 8),
    inconclusive=st.integers(0, 8),
    errors=st.integers(0, 8),
    successes=st.integers(0, 4),
)
def test_no_history_without_evidence_ever_succeeds(
    history: str, count: int, failure: int, inconclusive: int, errors: int, successes: int
) -> None:
    asked = metric(
        count=count,
        failure_limit=failure,
        inconclusive_limit=inconclusive,
        consecutive_error_limit=errors,
        consecutive_success_limit=successes,
    )
    result = MetricResult("m")
    for letter in history:
        result = result.with_measurement(Measurement(PHASES[letter], T0, T0))
        phase = metric_phase(asked, result, ending=False)
        if phase != "Running":
            assert phase != "Successful" or result.decided > 0
            assert phase != "Successful" or has_evidence({"metrics": [{"name": "m"}]}, [result])
            return


def test_the_last_ten_measurements_are_kept_and_all_are_counted() -> None:
    result = measured("sf" * 10)
    assert (len(result.measurements), result.count, result.successful, result.failed) == (10, 20, 10, 10)
    assert measured("sse").consecutive_success == 0
    assert measured("sse").count == 2


def two(*phases: str) -> tuple[list[Metric], RunStatus]:
    metrics = [replace(metric(count=1), name=f"m{index}") for index in range(len(phases))]
    results = tuple(
        MetricResult(f"m{index}", phase=phase, failed=int(phase == "Failed")) for index, phase in enumerate(phases)
    )
    return metrics, RunStatus(measured=results)


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        (("Successful", "Successful"), "Successful"),
        (("Successful", "Running"), "Running"),
        (("Failed", "Error"), "Failed"),
        (("Error", "Inconclusive"), "Error"),
        (("Inconclusive", "Successful"), "Inconclusive"),
    ],
)
def test_a_run_is_as_good_as_its_worst_metric(phases: tuple[str, ...], expected: str) -> None:
    assert run_phase(*two(*phases), ending=False)[0] == expected


def test_a_run_says_which_metric_failed_and_why() -> None:
    metrics, status = two("Successful", "Failed")
    assert run_phase(metrics, status, ending=True) == (
        "Failed",
        'Metric "m1" assessed Failed due to failed (1) > failureLimit (0)',
    )


@pytest.mark.parametrize(
    ("fields", "history", "seconds"),
    [
        ({"initial_delay": 30.0}, "", 30),
        ({}, "", 0),
        ({"count": 2}, "s", 10),
        ({"count": 2, "interval": 60.0}, "e", 10),
        ({"count": 2, "interval": 1.0}, "e", 10),
        ({"interval": None}, "e", 10),
        ({"count": 1}, "s", None),
    ],
)
def test_due_times_follow_from_the_status(fields: dict[str, Any], history: str, seconds: int | None) -> None:
    result = measured(history)
    status = RunStatus(started_at=T0, measured=(result,) if history else ())
    expected = None if seconds is None else T0 + timedelta(seconds=seconds)
    assert due_time(metric(**fields), status) == expected


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"count": 2, "failureLimit": 3}, r"count must be >= failureLimit \+ consecutiveSuccessLimit"),
        ({"count": 2, "inconclusiveLimit": 3}, "count must be >= inconclusiveLimit"),
        ({"count": 2, "interval": None}, "interval must be specified when count > 1"),
        ({"interval": "often"}, "invalid interval string"),
        ({"initialDelay": "soon"}, "invalid startDelay string"),
        ({"failureLimit": -2}, "failureLimit must be >= -1"),
        ({"failureLimit": -1}, "failureLimit can not be -1 when consecutiveSuccessLimit is 0"),
        ({"provider": {}}, "no provider specified"),
        ({"provider": {"web": {}, "prometheus": {}}}, "multiple providers specified"),
        ({"provider": {"job": {}}}, "the metric provider job is not supported"),
        ({"provider": {"prometheus": {"query": "x", "insecure": True}}}, "prometheus field insecure is not supported"),
        ({"provider": {"prometheus": {"query": "x", "timeout": -1}}}, "timeout should not be negative"),
    ],
)
def test_metrics_are_validated(change: dict[str, Any], text: str) -> None:
    from wavegate.rollout_analyzer.domain.metrics import InvalidMetric

    written = {"name": "m", "interval": "1s", "provider": {"prometheus": {"query": "up"}}, **change}
    with pytest.raises(InvalidMetric, match=text):
        read_metric({key: value for key, value in written.items() if value is not None})


def test_limits_may_be_strings_and_nonsense_is_zero() -> None:
    written = {"name": "m", "interval": "1s", "provider": {"prometheus": {"query": "up"}}}
    assert read_metric({**written, "count": "5", "failureLimit": "x"}).count == 5
    assert read_metric({**written, "count": "5", "failureLimit": "x"}).failure_limit == 0
