"""The Application's conditions (argocd.md §2.8): sorted, and keeping their time while their words stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wavegate.syncer.domain import comparison, retrying, starting
from wavegate.syncer.domain.admission import Objection
from wavegate.syncer.domain.ending import timestamp
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.state import Verdict
from wavegate.syncer.domain.wanted import Wanted

COMPARISON_ERROR, SYNC_ERROR, DELETION_ERROR = "ComparisonError", "SyncError", "DeletionError"
REPEATED, SHARED = "RepeatedResourceWarning", "SharedResourceWarning"
_LIMIT = 50


def conditions(turn: Turn, objections: Sequence[Objection], wanted: Wanted | None) -> list[dict[str, str]]:
    """Return the conditions that hold."""
    found = {(objection.condition, objection.message) for objection in objections}
    found |= set(_of_rendering(turn))
    if not objections:
        found |= set(_of_syncing(turn, wanted))
    if wanted is not None:
        found |= set(_of_objects(turn, wanted))
    known = {(each.get("type"), each.get("message")): each for each in _shown(turn)}
    return [_condition(turn, type_, message, known) for type_, message in sorted(found)[:_LIMIT]]


def with_deletion_error(turn: Turn, message: str) -> list[dict[str, str]]:
    """Return the conditions as shown, with why the application cannot be deleted."""
    shown = [dict(each) for each in _shown(turn)]
    others = [each for each in shown if each.get("type") != DELETION_ERROR]
    known = {(each.get("type"), each.get("message")): each for each in shown}
    return sorted([*others, _condition(turn, DELETION_ERROR, message, known)], key=lambda each: str(each.get("type")))


def _condition(turn: Turn, type_: str, message: str, known: Mapping[Any, Mapping[str, str]]) -> dict[str, str]:
    time = known.get((type_, message), {}).get("lastTransitionTime") or timestamp(turn.now)
    return {"type": type_, "message": message, "lastTransitionTime": time}


def _shown(turn: Turn) -> list[Mapping[str, str]]:
    listed = turn.application.status.get("conditions")
    return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []


def comparison_errors(turn: Turn) -> Iterator[str]:
    """Yield why what is wanted is not known."""
    fault, trouble = turn.state.fault, starting.bundle_trouble(turn)
    count = len(turn.application.sources)
    for reason, message in turn.seen.tips.failures:
        yield f"Failed to load target state: {reason}: {message}"
    if fault is not None:
        yield f"Failed to load target state: failed to generate manifest for source 1 of {count}: {fault.reason}: {fault.detail}"
    if trouble is not None:
        yield f"Failed to load target state: {trouble.reason}: {trouble.message}"


def _of_rendering(turn: Turn) -> Iterator[tuple[str, str]]:
    for message in comparison_errors(turn):
        yield COMPARISON_ERROR, message


def _of_syncing(turn: Turn, wanted: Wanted | None) -> Iterator[tuple[str, str]]:
    if turn.seen.windows:
        yield SYNC_ERROR, starting.WINDOWS
    operation, intent, render = turn.state.operation, turn.state.intent, turn.state.render
    is_automated = turn.application.policy.automated
    if is_automated and wanted is not None and render is not None and starting.would_wipe_out(turn, wanted):
        yield SYNC_ERROR, starting.wiping_message(render)
    if operation is None or intent is None or operation.verdict not in {Verdict.FAILED, Verdict.ERROR}:
        return
    if operation.automated and retrying.retry_at(turn, operation) is None:
        revision = intent.commits[0].sha if intent.commits else ""
        yield SYNC_ERROR, f"Failed last sync attempt to [{revision}]: {operation.message}"


def _of_objects(turn: Turn, wanted: Wanted) -> Iterator[tuple[str, str]]:
    for key, count in wanted.repeated.items():
        yield REPEATED, f"Resource {key} appeared {count} times among application resources."
    own = f"{turn.application.namespace}/{turn.application.name}"
    for key, other in comparison.shared_with(turn.seen, wanted):
        yield SHARED, f"{key.kind}/{key.name} is part of applications {own} and {other}"
