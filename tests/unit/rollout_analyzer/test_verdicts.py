"""From values to phases (rollouts.md §2.7), and how values are shown."""

import math

import pytest

from wavegate.rollout_analyzer.domain.metrics import Metric, PrometheusQuery
from wavegate.rollout_analyzer.domain.run_status import Measurement
from wavegate.rollout_analyzer.domain.verdict import MetricValue, format_number, verdict
from wavegate.rollout_analyzer.domain.wording import evidence

ONE = MetricValue((1.0,))


@pytest.mark.parametrize(
    ("succeeded", "failed", "expected"),
    [
        (None, None, "Successful"),
        (True, None, "Successful"),
        (False, None, "Failed"),
        (None, True, "Failed"),
        (None, False, "Successful"),
        (True, True, "Failed"),
        (True, False, "Successful"),
        (False, False, "Inconclusive"),
        (False, True, "Failed"),
    ],
)
def test_conditions_combine_as_in_argo(succeeded: bool | None, failed: bool | None, expected: str) -> None:
    assert verdict(ONE, succeeded, failed)[0] == expected


@pytest.mark.parametrize("numbers", [(), (math.nan,), (1.0, math.nan)])
@pytest.mark.parametrize("conditions", [(None, None), (True, None), (None, False), (True, False)])
def test_nothing_and_nan_never_succeed(numbers: tuple[float, ...], conditions: tuple[bool | None, bool | None]) -> None:
    phase, message = verdict(MetricValue(numbers), *conditions)
    assert phase == "Inconclusive"
    assert message.startswith("MetricEmpty")


def test_nan_that_fails_a_condition_stays_failed() -> None:
    assert verdict(MetricValue((math.nan,)), False, None) == ("Failed", "")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (10.0, "10"),
        (0.91, "0.91"),
        (1e21, "1000000000000000000000"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (math.nan, "NaN"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
    ],
)
def test_numbers_are_shown_as_prometheus_prints_them(number: float, expected: str) -> None:
    assert format_number(number) == expected


def test_vectors_and_scalars_are_shown_as_argo_stores_them() -> None:
    assert str(MetricValue((10.0, 11.0))) == "[10,11]"
    assert str(MetricValue(())) == "[]"
    assert str(MetricValue((1.5,), scalar=True)) == "1.5"


@pytest.mark.parametrize(
    ("success", "failure", "value", "phase", "expected"),
    [
        ("result[0] >= 0.99", "", "[0.91]", "Failed", "0.91 < 0.99, 3 of 5 failed"),
        ("result[0] >= 0.99", "", "[0.995]", "Successful", "0.995 >= 0.99, 3 of 5 failed"),
        ("result < 5", "", "7", "Failed", "7 >= 5, 3 of 5 failed"),
        ("", "result[0] > 0.05", "[0.2]", "Failed", "0.2 > 0.05, 3 of 5 failed"),
        ("", "result[0] > 0.05", "[0.01]", "Successful", "[0.01] meets not (result[0] > 0.05), 3 of 5 failed"),
        ("all(result, # > 1)", "", "[1,2]", "Failed", "[1,2] fails all(result, # > 1), 3 of 5 failed"),
        ("", "", "[1]", "Successful", "[1] meets no condition, 3 of 5 failed"),
    ],
)
def test_a_measurement_is_told_beside_its_threshold(
    success: str, failure: str, value: str, phase: str, expected: str
) -> None:
    metric = Metric("m", PrometheusQuery("up"), success_condition=success, failure_condition=failure)
    assert evidence(Measurement(phase, value=value), metric, 3, 5) == expected


def test_an_error_is_told_by_its_message() -> None:
    assert evidence(Measurement("Error", message="no answer"), None, 0, 1) == "no answer, 0 of 1 failed"
