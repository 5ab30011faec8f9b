"""The syncer's decision: observed values, state and outcomes in, a decision out (architecture §2).

The steps stand in the order in which they are taken. Each is a function of the turn; none knows what comes after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from wavegate.contracts.application import SyncFailed, SyncWaiting
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Decision
from wavegate.syncer.domain import (
    admission,
    deleting,
    dry_running,
    ending,
    healing,
    progress,
    receiving,
    reporting,
    requesting,
    retrying,
    starting,
    status,
    validating,
)
from wavegate.syncer.domain.accepting import accept
from wavegate.syncer.domain.actions import Action, Fenced
from wavegate.syncer.domain.admission import Objection
from wavegate.syncer.domain.looking import Observed, Turn
from wavegate.syncer.domain.state import ApplicationState
from wavegate.syncer.domain.wanted import NOTHING, Wanted

SyncDecision = Decision[ApplicationState, Action]


def decide(seen: Observed, state: ApplicationState | None, outcomes: Sequence[Any], now: datetime) -> SyncDecision:
    """Decide what follows from one look at an application."""
    before = state if state is not None and state.uid == seen.application.uid else fresh(seen)
    turn = Turn(seen=seen, now=now, state=before, outcomes=tuple(outcomes))
    if seen.application.is_deleted:
        return _decision(state, deleting.delete(turn))
    if seen.application.is_skipped:
        return _decision(state, _skipped(turn))
    return _decision(state, _looked(turn))


def fresh(seen: Observed) -> ApplicationState:
    """Return the state of an application that we have not seen; a history that another controller wrote goes on."""
    history = seen.application.status.get("history")
    entries = tuple(entry for entry in history if isinstance(entry, dict)) if isinstance(history, list) else ()
    return ApplicationState(uid=seen.application.uid, history=entries)


def _looked(turn: Turn) -> Turn:
    objections = admission.objections(turn.seen)
    turn = receiving.receive(turn)
    turn = _refused(turn, objections) if objections else _worked(turn)
    return reporting.report(turn, objections)


def _worked(turn: Turn) -> Turn:
    turn = _beyond_fence(requesting.request(turn))
    turn = _advanced(turn) if turn.outcomes else turn
    target = status.target_of(turn)
    if turn.actions or target is None:
        return turn
    turn = _compared(turn, target)
    turn = turn if turn.actions else _advanced(starting.start(turn))
    if turn.actions or turn.operation is not None:
        return turn
    return _advanced(healing.heal(turn, target))


def _beyond_fence(turn: Turn) -> Turn:
    """Objects carry a higher intent than ours: our state was lost and began anew. Go on above what they carry."""
    marks = [outcome.by for outcome in turn.outcomes if isinstance(outcome, Fenced)]
    render, operation, target = turn.state.render, turn.operation, status.target_of(turn)
    if not marks or render is None or operation is None or target is None:
        return turn
    turn = replace(turn.recording(fence=max(turn.state.fence, *marks)), outcomes=())
    return accept(turn, render, target, retrying.same_terms(operation, attempt=operation.attempt))


def _compared(turn: Turn, target: Wanted) -> Turn:
    """See to it that objects which nobody here has applied can be compared, unless a sync is going to try them anyway."""
    if turn.operation is not None or turn.application.policy.automated or validating.is_too_large(target):
        return turn
    return dry_running.probe(dry_running.with_baselines(turn, target), target)


def _advanced(turn: Turn) -> Turn:
    """Bring the running operation on. Under a spec that has changed since, nothing more is written: a new render comes."""
    operation, intent = turn.operation, turn.state.intent
    if operation is None or intent is None or intent.spec_digest != turn.application.spec_digest:
        return turn
    bundle = turn.bundle(intent.bundle.digest)
    return progress.advance(turn, bundle) if isinstance(bundle, Wanted) else turn


def _refused(turn: Turn, objections: Sequence[Objection]) -> Turn:
    """Say once what is wrong; a sync that runs must not go on under rules that forbid it."""
    words = "; ".join(objection.message for objection in objections)
    if turn.operation is not None:
        turn = ending.fail(turn, status.target_of(turn) or NOTHING, objections[0].reason, words)
    mark = f"{objections[0].reason}: {words}"
    if turn.has_told("refusal", mark):
        return turn
    commits = turn.state.render.commits if turn.state.render else ()
    event = SyncFailed(object=turn.application.ref, commits=commits, reason=objections[0].reason, detail=words)
    return turn.noting("refusal", mark).telling(event, f"refused {turn.application.version} {mark}")


def _skipped(turn: Turn) -> Turn:
    """Do nothing and say so, once: reconciling is paused by annotation."""
    if turn.has_told("waiting", Reason.SKIP_RECONCILE):
        return turn
    event = SyncWaiting(object=turn.application.ref, reason=Reason.SKIP_RECONCILE, detail="skip-reconcile is set")
    return turn.noting("waiting", Reason.SKIP_RECONCILE).telling(event, f"skipped {turn.application.version}")


def _decision(before: ApplicationState | None, turn: Turn) -> SyncDecision:
    return Decision(
        state=turn.state if turn.state != before else None,
        actions=turn.actions,
        events=turn.events,
        wake_at=min(turn.wakes, default=None),
    )
