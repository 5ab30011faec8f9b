"""Trying a failed sync again: after a wait, or once what refused it has changed (argocd.md §2.6, §2.8)."""

from __future__ import annotations

from datetime import datetime, timedelta

from wavegate.contracts.reasons import Reason
from wavegate.syncer.domain import pruning, validating
from wavegate.syncer.domain.accepting import Terms, accept, refresh_mark
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.policies import DEFAULT_RETRY, RetryPolicy
from wavegate.syncer.domain.state import Operation, Render, Verdict
from wavegate.syncer.domain.wanted import Wanted

RETRIED_BY_DEFAULT = frozenset({Reason.APPLY_FAILED, Reason.DRY_RUN_FAILED, Reason.PRUNE_FAILED, Reason.OBJECT_MISSING})
"""Failures that time may mend. An automated sync without a `retry` block is tried again for these alone: an object that
turned Degraded fails the sync at once. A `retry` block, where there is one, holds for all failures."""

REFUSED = frozenset(
    {
        Reason.DESTINATION_NOT_PERMITTED,
        Reason.DESTINATION_UNKNOWN,
        Reason.FEATURE_UNSUPPORTED,
        Reason.INVALID_SPEC,
        Reason.KIND_NOT_PERMITTED,
        Reason.KIND_UNKNOWN,
        Reason.PROJECT_MISSING,
        Reason.REPOSITORY_NOT_PERMITTED,
    }
)
"""Failures that were judged from what is known: as soon as the same judgement passes, the sync starts again."""

LOOK_AGAIN = timedelta(seconds=30)
"""How often a kind that the API server does not serve is looked for: nothing tells of its coming."""


def again(turn: Turn, render: Render, wanted: Wanted) -> Turn:
    """Start a failed sync again when its time has come, or when what refused it has changed."""
    operation = turn.state.operation
    if operation is None or operation.verdict is not Verdict.FAILED or operation.heal is not None:
        return turn
    if is_mended(turn, operation, wanted):
        return accept(turn, render, wanted, same_terms(operation, attempt=0))
    if operation.reason == Reason.KIND_UNKNOWN:
        turn = turn.waking(turn.now + LOOK_AGAIN)
    due = retry_at(turn, operation)
    if due is None:
        return turn
    if due > turn.now:
        return turn.waking(due)
    return accept(turn, render, wanted, same_terms(operation, attempt=operation.attempt + 1))


def same_terms(operation: Operation, attempt: int) -> Terms:
    """Return the terms of an operation, for doing it again."""
    return Terms(
        reason="retry",
        prune=operation.prune,
        automated=operation.automated,
        attempt=attempt,
        only=operation.only,
        request=operation.request,
        request_digest=operation.request_digest,
    )


def is_mended(turn: Turn, operation: Operation, wanted: Wanted) -> bool:
    """Say whether a failed automated sync deserves a fresh start: what refused it would pass, or a refresh was asked for."""
    if not operation.automated:
        return False
    if operation.reason in REFUSED:
        return not validating.invalid(turn.seen, wanted) and not any(pruning.unconfirmed(turn, operation, wanted))
    mark = refresh_mark(turn)
    return operation.reason in RETRIED_BY_DEFAULT and bool(mark) and mark != operation.asked


def retry_at(turn: Turn, operation: Operation) -> datetime | None:
    """Return when a failed sync is tried again, None when it is not."""
    policy = retry_policy(turn, operation)
    if operation.verdict is not Verdict.FAILED or policy is None or operation.finished_at is None:
        return None
    if operation.heal is not None or not policy.allows(operation.attempt):
        return None
    return operation.finished_at + policy.delay(operation.attempt)


def retry_policy(turn: Turn, operation: Operation) -> RetryPolicy | None:
    """Return the policy that a failed sync is retried by, None when it is not retried."""
    if not operation.automated:
        block = operation.request.get("retry")
        return RetryPolicy.of(block) if isinstance(block, dict) else None
    if turn.application.policy.retry is not None:
        return turn.application.policy.retry
    return DEFAULT_RETRY if operation.reason in RETRIED_BY_DEFAULT else None
