"""A measurement in words: its value beside its threshold, and how many failed."""

import re

from wavegate.rollout_analyzer.domain.metrics import Metric
from wavegate.rollout_analyzer.domain.names import ERROR, FAILED, INCONCLUSIVE
from wavegate.rollout_analyzer.domain.run_status import Measurement

_SIMPLE = re.compile(r"\s*result(?:\[0\])?\s*(>=|<=|==|!=|>|<)\s*(-?[0-9]+(?:\.[0-9]+)?)\s*")
_OPPOSITE = {">=": "<", "<=": ">", ">": "<=", "<": ">=", "==": "!=", "!=": "=="}


def evidence(measurement: Measurement, metric: Metric | None, failed: int, of: int) -> str:
    """Return such as `0.91 < 0.99, 3 of 5 failed`; conditions that are no plain comparison are named as written."""
    return f"{_compared(measurement, metric)}, {failed} of {of} failed"


def _compared(measurement: Measurement, metric: Metric | None) -> str:
    if measurement.phase in {ERROR, INCONCLUSIVE} and measurement.message:
        return measurement.message
    value = measurement.value.removeprefix("[").removesuffix("]")
    plain = value and "," not in value
    bad = measurement.phase == FAILED
    success = metric.success_condition if metric else ""
    failure = metric.failure_condition if metric else ""
    for condition, holds in ((failure, bad), (success, not bad)):
        simple = _SIMPLE.fullmatch(condition)
        if simple and plain and (condition == success or bad):
            operator, threshold = simple.groups()
            return f"{value} {operator if holds else _OPPOSITE[operator]} {threshold}"
    word = {FAILED: "fails", INCONCLUSIVE: "is inconclusive for"}.get(measurement.phase, "meets")
    return f"{measurement.value} {word} {metric.threshold if metric and metric.threshold else 'no condition'}"
