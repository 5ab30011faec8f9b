"""From a metric's value to a measurement's phase (rollouts.md §2.7, condition evaluation), with evidence demanded.

Ours: a value that is empty or holds NaN never counts as Successful, whatever the conditions say (architecture §1, rule 5).
Argo's table calls NaN under a lone failureCondition Successful; here it is Inconclusive, by name.
"""

import math
from dataclasses import dataclass
from decimal import Decimal

from wavegate.rollout_analyzer.domain.names import FAILED, INCONCLUSIVE, SUCCESSFUL

NO_DATA = "MetricEmpty: the query returned no data, which is no evidence of success"
NOT_A_NUMBER = "MetricEmpty: the query returned NaN, which is no evidence of success"


@dataclass(frozen=True, slots=True)
class MetricValue:
    """What a provider answered: one number, or a list of them. `warnings` are the provider's own."""

    numbers: tuple[float, ...]
    scalar: bool = False
    warnings: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = [format_number(number) for number in self.numbers]
        return shown[0] if self.scalar and shown else f"[{','.join(shown)}]"


def format_number(number: float) -> str:
    """Return a number as Prometheus prints it: shortest digits, no exponent, `NaN`, `+Inf`."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    return format(Decimal(repr(number)).normalize(), "f") if number else "0"


def verdict(value: MetricValue, succeeded: bool | None, failed: bool | None) -> tuple[str, str]:  # noqa: FBT001
    """Return phase and message; `succeeded` and `failed` are the conditions' results, None for one that is not given."""
    phase = _phase(succeeded, failed)
    if phase != SUCCESSFUL:
        return phase, ""
    if not value.numbers:
        return INCONCLUSIVE, NO_DATA
    if any(math.isnan(number) for number in value.numbers):
        return INCONCLUSIVE, NOT_A_NUMBER
    return SUCCESSFUL, ""


def _phase(succeeded: bool | None, failed: bool | None) -> str:  # noqa: FBT001
    if failed:
        return FAILED
    if succeeded is None:
        return SUCCESSFUL
    if succeeded:
        return SUCCESSFUL
    return FAILED if failed is None else INCONCLUSIVE
