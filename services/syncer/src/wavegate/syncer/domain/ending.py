"""How an operation ends: with everything run, or with a reason (argocd.md §2.5, §2.8)."""

from __future__ import annotations

from typing import Any

from wavegate.contracts.application import DriftHealed, SyncFailed, SyncSucceeded
from wavegate.contracts.reasons import Reason
from wavegate.manifests.identity import ObjectKey
from wavegate.syncer.domain import telling
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.state import Intent, Operation, Phase, Verdict
from wavegate.syncer.domain.wanted import Wanted

SUCCEEDED = "successfully synced (all tasks run)"
UNSUCCESSFUL = "one or more synchronization tasks completed unsuccessfully"


def succeed(turn: Turn, wanted: Wanted) -> Turn:
    """End the operation well; a whole sync enters the history, a healing or a partial one does not."""
    operation, intent = turn.operation, turn.state.intent
    if operation is None or intent is None:
        return turn
    turn = turn.operating(phase=Phase.DONE, verdict=Verdict.SUCCEEDED, message=SUCCEEDED, finished_at=turn.now)
    if operation.heal is not None:
        return _healed(turn, operation, intent, wanted)
    pruned = sum(1 for result in operation.results.values() if result.status == "Pruned")
    event = SyncSucceeded(
        object=turn.application.ref, commits=intent.commits, intent=intent.number, pruned=pruned, detail=SUCCEEDED
    )
    turn = turn.telling(event, telling.occurrence(operation, "succeeded"))
    return turn if operation.only is not None else _in_history(turn, operation, intent)


def fail(turn: Turn, wanted: Wanted, reason: Reason, message: str, key: ObjectKey | None = None) -> Turn:
    """End the operation badly."""
    operation, intent = turn.operation, turn.state.intent
    if operation is None or intent is None:
        return turn
    shown = telling.safe(message, wanted)
    turn = turn.operating(
        phase=Phase.DONE, verdict=Verdict.FAILED, reason=str(reason), message=shown, finished_at=turn.now
    )
    event = SyncFailed(
        object=turn.application.ref,
        commits=intent.commits,
        intent=intent.number,
        reason=reason,
        detail=shown,
        resource=telling.resource(key, wanted.objects.get(key)) if key is not None else None,
    )
    return turn.telling(event, telling.occurrence(operation, "failed"))


def _healed(turn: Turn, operation: Operation, intent: Intent, wanted: Wanted) -> Turn:
    for text in operation.only or ():
        key = ObjectKey.parse(text)
        event = DriftHealed(
            object=turn.application.ref,
            commits=intent.commits,
            intent=intent.number,
            resource=telling.resource(key, wanted.objects.get(key) or turn.seen.live.get(key)),
        )
        turn = turn.telling(event, telling.occurrence(operation, f"healed {text}"))
    left = {text: mark for text, mark in turn.state.drift.items() if text not in (operation.only or ())}
    return turn.recording(drift=left, healing=turn.state.healing.model_copy(update={"at": turn.now}))


def _in_history(turn: Turn, operation: Operation, intent: Intent) -> Turn:
    limit = turn.application.history_limit
    past = turn.state.history
    number = max((int(entry.get("id", -1)) for entry in past), default=-1) + 1
    entry: dict[str, Any] = {
        "id": number,
        "deployStartedAt": timestamp(operation.started_at),
        "deployedAt": timestamp(turn.now),
        "initiatedBy": initiated_by(operation),
        **revisions(turn, intent),
    }
    return turn.recording(history=(*past, entry)[-limit:] if limit else ())


def initiated_by(operation: Operation) -> dict[str, Any]:
    """Return who started an operation."""
    if operation.automated:
        return {"automated": True}
    given = operation.request.get("initiatedBy")
    return dict(given) if isinstance(given, dict) else {}


def revisions(turn: Turn, intent: Intent) -> dict[str, Any]:
    """Return revision and source, in the plural for several sources (argocd.md §2.8)."""
    shas = [commit.sha for commit in intent.commits]
    sources = list(turn.application.sources)
    if turn.application.is_multi_source:
        return {"revision": "", "revisions": shas, "sources": sources, "source": {"repoURL": ""}}
    return {"revision": shas[0] if shas else "", "source": sources[0] if sources else {"repoURL": ""}}


def timestamp(moment: Any) -> str:
    """Return a time as Kubernetes writes it, in whole seconds."""
    return str(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
