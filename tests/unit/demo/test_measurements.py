import pytest

from wavegate.demo.story.measurements import Measurement, shown, verdict

AT_LEAST = "result[0] >= 0.99"


def good(value: str) -> Measurement:
    return Measurement(value, "Successful", AT_LEAST)


def bad(value: str) -> Measurement:
    return Measurement(value, "Failed", AT_LEAST)


def test_a_failure_stands_beside_its_threshold() -> None:
    assert verdict([bad("[0.9130]"), bad("[0.9078]"), bad("[0.91]")], 5) == "0.91 < 0.99, 3 of 5 failed"


def test_one_good_measurement_among_bad_ones_does_not_decide() -> None:
    assert verdict([bad("[0.92]"), good("[1]")], 5) == "0.92 < 0.99, 1 of 5 failed"


def test_a_success_shows_what_held() -> None:
    assert verdict([good("[0.9991]")] * 5, 5) == "0.999 ≥ 0.99, 5 of 5 passed"


def test_no_measurement_is_said() -> None:
    assert verdict([], 5) == "no measurement"


def test_a_condition_that_is_no_comparison_is_quoted() -> None:
    assert verdict([Measurement("[1]", "Failed", "all(result, # == 1)")], 1).startswith("1 against 'all(")


@pytest.mark.parametrize(
    ("value", "text"), [("[0.91034482]", "0.91"), ("1", "1"), ("[NaN]", "nan"), ("[]", "[]"), ("", "nothing")]
)
def test_values_are_shortened(value: str, text: str) -> None:
    assert shown(value) == text
