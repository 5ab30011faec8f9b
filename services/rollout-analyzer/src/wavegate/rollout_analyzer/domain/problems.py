"""What is wrong with an object, named by its field as Kubernetes' own validation words it."""

import json
from dataclasses import dataclass
from typing import Any

from wavegate.contracts.reasons import Reason


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why an object is not worked on. `text` is what the object's condition says."""

    reason: Reason
    text: str


class Unusable(Exception):
    """An object cannot be worked on as it stands."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


def invalid(path: str, value: Any, detail: str, reason: Reason = Reason.INVALID_ROLLOUT) -> Unusable:
    """A field holds a value that cannot be right."""
    shown = json.dumps(value, ensure_ascii=False, separators=(",", ":"))[:200]
    return Unusable(Problem(reason, f"{path}: Invalid value: {shown}: {detail}"))


def required(path: str, detail: str) -> Unusable:
    """A field that must be set is not."""
    return Unusable(Problem(Reason.INVALID_ROLLOUT, f"{path}: Required value: {detail}"))


def unsupported(path: str, what: str) -> Unusable:
    """A feature is used that this part of Wavegate does not have: refused by name, nothing half done."""
    return Unusable(Problem(Reason.FEATURE_UNSUPPORTED, f"{path}: Forbidden: {what} is not supported by Wavegate"))
