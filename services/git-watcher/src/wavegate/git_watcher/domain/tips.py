"""How the tip of one ref moves: the rules of architecture §4.

    had none            → First: seq 1
    the same            → Same
    moved, not backward → Moved: seq + 1
    moved backward      → Moved after an authentic webhook that says forced, or when seen again 10 s later; else Lagging
    stands for nothing  → Lost: tip and seq stay as they are

Backward means: the new tip is an ancestor of the one we have, or it cannot be told.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wavegate.contracts.repository_state import Announcing, RefState, Regression, StateFailure
from wavegate.git_watcher.domain.targets import Resolved, Unresolved

REGRESSION_CONFIRMED_AFTER = timedelta(seconds=10)


class Relation(StrEnum):
    """How a new tip stands to the one before."""

    ANCESTOR = "ancestor"
    OTHER = "other"
    UNKNOWN = "unknown"


class Movement(StrEnum):
    """What became of a tip."""

    FIRST = "first"
    SAME = "same"
    MOVED = "moved"
    REWRITTEN = "rewritten"
    LAGGING = "lagging"
    STILL_LAGGING = "still-lagging"
    LOST = "lost"
    STILL_LOST = "still-lost"


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look found for a target; `relation` says how it stands to the tip we have; `forced` is a webhook's word."""

    found: Resolved | Unresolved
    relation: Relation = Relation.OTHER
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A ref after a look, and what became of it."""

    movement: Movement
    after: RefState


def advance(before: RefState | None, sight: Sight, now: datetime) -> Step:
    """Decide what a look means for a ref."""
    known = before or RefState()
    if isinstance(sight.found, Unresolved):
        return _lost(known, sight.found, now)
    if not known.sha:
        return Step(Movement.FIRST, _tip(known, sight.found, now))
    if known.sha == sight.found.sha:
        changes = {"failure": None, "regressed": None, "name": sight.found.name}
        return Step(Movement.SAME, known.model_copy(update=changes))
    if sight.relation is Relation.OTHER:
        moved = _tip(known, sight.found, now).model_copy(update={"unjudged": known.sha})
        return Step(Movement.MOVED, moved)
    if sight.forced or _confirmed(known.regressed, sight.found, now):
        return Step(Movement.REWRITTEN, _tip(known, sight.found, now))
    return _lagging(known, sight.found, now)


def _tip(known: RefState, found: Resolved, now: datetime) -> RefState:
    return RefState(sha=found.sha, seq=known.seq + 1, name=found.name, observed_at=now, announcing=Announcing())


def _confirmed(regressed: Regression | None, found: Resolved, now: datetime) -> bool:
    return regressed is not None and regressed.sha == found.sha and now - regressed.since >= REGRESSION_CONFIRMED_AFTER


def _lagging(known: RefState, found: Resolved, now: datetime) -> Step:
    if known.regressed is not None and known.regressed.sha == found.sha:
        return Step(Movement.STILL_LAGGING, known.model_copy(update={"failure": None}))
    regressed = Regression(sha=found.sha, since=now)
    return Step(Movement.LAGGING, known.model_copy(update={"regressed": regressed, "failure": None}))


def _lost(known: RefState, found: Unresolved, now: datetime) -> Step:
    if known.failure is not None and known.failure.message == found.message:
        return Step(Movement.STILL_LOST, known)
    failure = StateFailure(reason=found.reason, message=found.message, since=now)
    return Step(Movement.LOST, known.model_copy(update={"failure": failure, "regressed": None}))
