"""What a render depends on, as the key under which its outcome is kept (architecture §8).

Two steps, because a tool says only while it runs which files outside its folder it looks at. The *plan key* is known before:
plans, the tree id of each source's folder, the worker's version, the cluster's where a chart may ask. Under it lie the
outcomes of earlier renders, each with the outside paths that it asked for and what stood there (absent ones included). An
outcome counts for another commit when every one of its questions has the same answer there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from wavegate.contracts.identity import digest
from wavegate.contracts.model import Contract
from wavegate.contracts.reasons import Reason
from wavegate.contracts.references import BundleRef
from wavegate.renderer.domain.plans import DirectoryPlan, HelmPlan, KustomizePlan, Plan

OUTCOMES_KEPT = 16
FORMAT = 1
"""Raised when the same inputs come to mean other bytes."""


class Answer(Contract):
    """What stood at a path outside a source's folder; `found` is empty for nothing, else kind and object id."""

    source: int
    path: str
    found: str


class Outcome(Contract):
    """What a render gave: a bundle, or a failure that only other inputs can mend."""

    answers: tuple[Answer, ...] = ()
    bundle: BundleRef | None = None
    objects: int = 0
    reason: Reason | None = None
    detail: str = ""
    source_index: int = 0


class Record(Contract):
    """What is known under one plan key; the newest outcome first."""

    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with the id of the folder that it starts from."""

    plan: Plan
    folder: str


def plan_key(planned: Sequence[Planned], worker: str) -> str:
    """Return the key of what is known before rendering."""
    sources = [[one.folder, type(one.plan).__name__, _as_json(one.plan)] for one in planned]
    return digest([FORMAT, worker, sources])


def read_set(key: str, answers: Sequence[Answer]) -> str:
    """Return the digest of everything that a render depended on."""
    return digest([key, [[one.source, one.path, one.found] for one in answers]])


def fitting(record: Record, answers: Mapping[tuple[int, str], str]) -> Outcome | None:
    """Return the first outcome whose every question has the same answer now."""
    for outcome in record.outcomes:
        if all(answers.get((one.source, one.path)) == one.found for one in outcome.answers):
            return outcome
    return None


def questions(record: Record) -> list[tuple[int, str]]:
    """Return every question that the outcomes ask, once each: (source, path)."""
    return sorted({(one.source, one.path) for outcome in record.outcomes for one in outcome.answers})


def with_outcome(record: Record, outcome: Outcome) -> Record:
    """Return the record with an outcome put first; older ones than are kept fall out."""
    others = tuple(one for one in record.outcomes if one.answers != outcome.answers)
    return Record(outcomes=(outcome, *others)[:OUTCOMES_KEPT])


def _as_json(plan: Plan) -> object:
    match plan:
        case HelmPlan():
            return asdict(plan)
        case KustomizePlan() | DirectoryPlan():
            return [plan.path, plan.options.to_json()]
