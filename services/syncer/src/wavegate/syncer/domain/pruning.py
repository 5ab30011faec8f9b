"""Deleting what Git no longer holds: last, highest wave first, each object as it was seen (argocd.md §2.5)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from wavegate.contracts.reasons import Reason
from wavegate.manifests.identity import version_of
from wavegate.manifests.waves import sort_key, wave_of
from wavegate.syncer.domain import ending, outcomes
from wavegate.syncer.domain.actions import Delete, Removal, Unremoved
from wavegate.syncer.domain.comparison import Compared, Comparison, compare
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.options import CONFIRM_PRUNE, NO_PRUNE, propagation_of
from wavegate.syncer.domain.state import Operation
from wavegate.syncer.domain.validating import Invalid
from wavegate.syncer.domain.wanted import Wanted


def prune(turn: Turn, wanted: Wanted) -> Turn:
    """Delete the next wave of extra objects, wait for it to be gone, and end the operation when none is left."""
    operation, intent = turn.operation, turn.state.intent
    if operation is None or intent is None:
        return turn
    if any(isinstance(outcome, Unremoved) for outcome in turn.outcomes):
        return _failed(turn, wanted)
    compared = compare(turn.seen, wanted, turn.state.baselines)
    due = to_prune(operation, compared)
    if not due:
        return ending.succeed(_with_skipped(turn, operation, compared), wanted)
    group = _highest(due)
    standing = tuple(each for each in group if not each.is_terminating)
    if not standing:
        message = f"waiting for deletion of {group[0].key.group}/{group[0].key.kind}/{group[0].key.name}"
        return turn if operation.message == message else turn.operating(message=message)
    removals = tuple(Removal(each.key, each.live) for each in standing if each.live is not None)
    return turn.doing(Delete(intent.number, removals, propagation_of(turn.application.policy.options)))


def is_due(operation: Operation, compared: Comparison) -> bool:
    """Say whether the operation has something to prune."""
    return bool(to_prune(operation, compared))


def to_prune(operation: Operation, compared: Comparison) -> tuple[Compared, ...]:
    """Return the extra objects that the operation is to delete."""
    return tuple(each for each in _dropped(operation, compared) if CONFIRM_PRUNE not in each.guards)


def unconfirmed(turn: Turn, operation: Operation, wanted: Wanted) -> Iterator[Invalid]:
    """Yield the objects that the operation would delete if somebody confirmed it, which nobody can yet."""
    for each in _dropped(operation, compare(turn.seen, wanted, turn.state.baselines)):
        if CONFIRM_PRUNE in each.guards and not each.is_terminating:
            message = f"{each.key.kind} {each.key.name}: sync option {CONFIRM_PRUNE} is not supported yet"
            yield Invalid(each.key, Reason.FEATURE_UNSUPPORTED, message)


def _dropped(operation: Operation, compared: Comparison) -> Iterator[Compared]:
    return (each for each in compared.extra if operation.prune and _is_meant(operation, each) and not _keeps(each))


def _is_meant(operation: Operation, each: Compared) -> bool:
    return operation.only is None or str(each.key) in operation.only


def _keeps(each: Compared) -> bool:
    return NO_PRUNE in each.guards


def _highest(due: tuple[Compared, ...]) -> tuple[Compared, ...]:
    """The members of the highest wave and, inside it, of the kind that is written last."""
    ordered = sorted(due, key=lambda each: sort_key(each.key, wave_of(each.live or {})), reverse=True)
    _, first = next(groupby(ordered, key=lambda each: (wave_of(each.live or {}), each.key.group_kind)))
    return tuple(first)


def _with_skipped(turn: Turn, operation: Operation, compared: Comparison) -> Turn:
    for each in compared.extra:
        if not _is_meant(operation, each):
            continue
        words = "ignored (no prune)" if _keeps(each) else "ignored (requires pruning)"
        version = version_of(str((each.live or {}).get("apiVersion") or ""))
        turn = outcomes.marked(turn, each.key, "Succeeded", words, status="PruneSkipped", version=version)
    return turn


def _failed(turn: Turn, wanted: Wanted) -> Turn:
    refused = [outcome for outcome in turn.outcomes if isinstance(outcome, Unremoved)]
    words = ",".join(outcome.refusal.message for outcome in refused)
    message = f"{ending.UNSUCCESSFUL}, reason: {words}"
    return ending.fail(turn, wanted, Reason.PRUNE_FAILED, message, refused[0].key)
