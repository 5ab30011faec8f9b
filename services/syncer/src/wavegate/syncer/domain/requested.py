"""Syncs that somebody asks for in the Application's `operation` field, so that `kubectl patch` and scripts work (argocd.md §1.1).

The request stays in the field while it is worked on and is taken out in the write that shows its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wavegate.contracts.application import SyncFailed
from wavegate.contracts.reasons import Reason
from wavegate.manifests.identity import ObjectKey
from wavegate.syncer.domain.accepting import Terms, accept
from wavegate.syncer.domain.applications import mapping
from wavegate.syncer.domain.comparison import compare
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.options import added
from wavegate.syncer.domain.state import Operation, Phase, Render, Verdict
from wavegate.syncer.domain.wanted import Wanted


def start(turn: Turn, render: Render, wanted: Wanted) -> Turn:
    """Start a requested sync, or end it at once because it asks for what cannot be done."""
    asked = turn.application.operation_digest
    last = turn.state.operation
    if last is not None and last.request_digest == asked:
        return turn
    refusal = next(refusals(turn, render), None)
    if refusal is not None:
        return _refused(turn, render, refusal)
    sync = mapping(turn.application.operation.get("sync"))
    terms = Terms(
        reason="manual",
        prune=sync.get("prune") is True,
        automated=mapping(turn.application.operation.get("initiatedBy")).get("automated") is True,
        only=_chosen(turn, wanted, sync),
        request=turn.application.operation,
        request_digest=asked,
    )
    return accept(turn, render, wanted, terms)


def refusals(turn: Turn, render: Render) -> Iterator[str]:
    """Yield what a request asks for and this part cannot do yet."""
    operation = turn.application.operation
    sync = mapping(operation.get("sync"))
    if not isinstance(operation.get("sync"), Mapping):
        yield "the operation is not a sync"
    for part in ("dryRun", "manifests", "source", "sources"):
        if sync.get(part):
            yield f"operation.sync.{part} is not supported yet"
    strategy = mapping(sync.get("syncStrategy"))
    if any(mapping(strategy.get(way)).get("force") for way in ("apply", "hook")):
        yield "operation.sync.syncStrategy with force is not supported yet"
    for option in added(map(str, sync.get("syncOptions") or ()), turn.application.policy.options):
        yield f"operation.sync.syncOptions: {option} is not supported yet: only what spec.syncPolicy.syncOptions says"
    yield from _of_revision(turn, render, [sync.get("revision"), *(sync.get("revisions") or ())])


def _of_revision(turn: Turn, render: Render, revisions: list[Any]) -> Iterator[str]:
    targets = {str(source.get("targetRevision") or "HEAD") for source in turn.application.sources}
    known = targets | {commit.sha for commit in render.commits}
    for revision in revisions:
        if revision and str(revision) not in known:
            yield f"syncing to revision {revision} is not supported yet: only to what targetRevision means now"


def _chosen(turn: Turn, wanted: Wanted, sync: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the keys that a partial sync is limited to; an entry without a namespace means any."""
    entries = [mapping(entry) for entry in sync.get("resources") or ()]
    if not entries:
        return None
    compared = compare(turn.seen, wanted, turn.state.baselines)
    return tuple(str(key) for key in compared.objects if any(_is_meant(entry, key) for entry in entries))


def _is_meant(entry: Mapping[str, Any], key: ObjectKey) -> bool:
    return (
        str(entry.get("kind") or "") == key.kind
        and str(entry.get("group") or "") == key.group
        and str(entry.get("name") or "") == key.name
        and str(entry.get("namespace") or key.namespace) == key.namespace
    )


def _refused(turn: Turn, render: Render, message: str) -> Turn:
    last = turn.state.operation
    operation = Operation(
        intent=turn.state.fence,
        holder=last.holder if last else turn.seen.holder,
        automated=False,
        request=dict(turn.application.operation),
        request_digest=turn.application.operation_digest,
        phase=Phase.DONE,
        verdict=Verdict.ERROR,
        reason=Reason.FEATURE_UNSUPPORTED,
        message=message,
        started_at=turn.now,
        finished_at=turn.now,
    )
    event = SyncFailed(
        object=turn.application.ref, commits=render.commits, reason=Reason.FEATURE_UNSUPPORTED, detail=message
    )
    mark = f"{turn.application.version} {turn.application.operation_digest}"
    return turn.recording(operation=operation).telling(event, f"refused operation {mark}")
