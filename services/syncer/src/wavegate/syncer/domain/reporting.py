"""When the Application is written: only for what differs from what it shows, and in as few writes as can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wavegate.contracts.application import HealthChanged
from wavegate.manifests.identity import JsonObject
from wavegate.syncer.domain import conditions, status
from wavegate.syncer.domain.actions import Report, Reported
from wavegate.syncer.domain.admission import Objection
from wavegate.syncer.domain.applications import REFRESH_ANNOTATION
from wavegate.syncer.domain.comparison import compare
from wavegate.syncer.domain.ending import timestamp
from wavegate.syncer.domain.looking import Turn

HEALTH = "health"


def report(turn: Turn, objections: Sequence[Objection]) -> Turn:
    """Show the present state on the Application, unless the cluster is about to be changed: then it shows what came of it.

    What was just reported is not reported again: an API server that keeps less of it than we sent would never agree.
    """
    has_reported = any(isinstance(outcome, Reported) for outcome in turn.outcomes)
    if turn.actions or has_reported or _is_between(turn, objections):
        return turn
    turn = _health_told(turn, objections)
    patch = patch_of(turn, status.computed(turn, objections))
    return turn.doing(Report(patch)) if patch else turn


def _is_between(turn: Turn, objections: Sequence[Objection]) -> bool:
    """Say whether the spec has changed and its render is on the way: what is shown stands until then."""
    is_explained = bool(objections) or any(conditions.comparison_errors(turn))
    return turn.state.render is not None and status.target_of(turn) is None and not is_explained


def patch_of(turn: Turn, wanted: Mapping[str, Any]) -> JsonObject:
    """Return the merge patch from what the Application shows to what it should, empty when that is the same."""
    shown = turn.application.status
    changed: JsonObject = {name: value for name, value in wanted.items() if shown.get(name) != value}
    gone = {name: None for name in _OURS if name in shown and name not in wanted}
    patch: JsonObject = {}
    if changed or gone:
        merged = {name: _replacing(shown.get(name), value) for name, value in changed.items()}
        patch["status"] = {**merged, **gone, "reconciledAt": timestamp(turn.now)}
    if turn.application.refresh:
        patch["metadata"] = {"annotations": {REFRESH_ANNOTATION: None}}
    if _is_answered(turn):
        patch["operation"] = None
    if "metadata" in patch or "operation" in patch:
        # Only the very request that was answered is taken out: one that came meanwhile would be lost.
        patch["metadata"] = {**patch.get("metadata", {}), "resourceVersion": turn.application.version}
    return patch


_OURS = ("conditions", "history", "operationState", "resources", "sourceType", "sourceTypes", "summary")


def _replacing(old: Any, new: Any) -> Any:
    """Return a merge patch that turns a map into exactly another: what the new one lacks is null."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    gone = {name: None for name in old if name not in new}
    return {**{name: _replacing(old.get(name), value) for name, value in new.items()}, **gone}


def _is_answered(turn: Turn) -> bool:
    """Say whether the requested sync has ended, so that the request goes in the same write."""
    operation = turn.state.operation
    asked = turn.application.operation_digest
    return bool(asked) and operation is not None and not operation.is_running and operation.request_digest == asked


def _health_told(turn: Turn, objections: Sequence[Objection]) -> Turn:
    """Tell a change of health, once it was known before."""
    target = status.target_of(turn)
    compared = compare(turn.seen, target, turn.state.baselines) if target is not None else None
    found = status.health(turn, compared, is_invalid=bool(objections))
    before = turn.state.told.get(HEALTH, "")
    if before == found.status or (compared is None and not before):
        return turn
    turn = turn.noting(HEALTH, str(found.status))
    intent = turn.state.intent
    event = HealthChanged(
        object=turn.application.ref,
        commits=intent.commits if intent else (),
        intent=intent.number if intent else None,
        previous=before or "Missing",
        status=str(found.status),
        detail=found.message,
    )
    return turn.telling(event, f"health {before} {found.status} {turn.state.fence} {turn.now.isoformat()}")
