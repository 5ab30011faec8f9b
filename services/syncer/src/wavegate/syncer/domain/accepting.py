"""When the syncer decides to bring the cluster to a render, and what becomes of what it was doing (architecture §4).

An intent is accepted for a push or a changed spec where sync is automated, once for each render; for a request in the
`operation` field; and to try a failed sync again. Each raises the fence. A newer intent takes over from a running one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wavegate.contracts.application import IntentAccepted, SyncStarted, SyncSuperseded
from wavegate.manifests.identity import intent_of, owner_of
from wavegate.syncer.domain import telling
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.state import Healing, Intent, Operation, Render, Verdict
from wavegate.syncer.domain.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Terms:
    """How a sync is to be done. `reason` is `push`, `spec`, `manual` or `retry`; `request` is the `operation` as given."""

    reason: str
    prune: bool
    automated: bool = True
    attempt: int = 0
    only: tuple[str, ...] | None = None
    request: Mapping[str, Any] | None = None
    request_digest: str = ""


def accept(turn: Turn, render: Render, wanted: Wanted, terms: Terms) -> Turn:
    """Accept an intent for a render: raise the fence, supersede what ran, begin anew."""
    number = max(turn.state.fence, _highest_mark(turn)) + 1
    old = turn.state.operation
    turn = _superseded(turn, number)
    intent = Intent(
        number=number,
        commits=render.commits,
        spec_digest=render.spec_digest,
        bundle=render.bundle,
        source_types=render.source_types,
        reason=terms.reason,
        cause=render.id,
        traceparent=render.traceparent,
    )
    operation = Operation(
        intent=number,
        holder=turn.seen.holder,
        attempt=terms.attempt,
        automated=terms.automated,
        prune=terms.prune,
        only=terms.only,
        restamp=_needs_restamp(old, turn.seen.holder),
        request=dict(terms.request or {}),
        request_digest=terms.request_digest,
        asked=refresh_mark(turn),
        started_at=turn.now,
    )
    healing = Healing(total=turn.state.healing.total)
    turn = turn.recording(fence=number, intent=intent, operation=operation, healing=healing, drift={}, render=render)
    return _told(turn.noting("refusal", "").noting("waiting", ""), intent, operation, wanted)


def _highest_mark(turn: Turn) -> int:
    """The highest intent that stands on an object: our own state may have been lost, the objects' marks were not."""
    own = turn.application.tracking_name
    return max((intent_of(live) for live in turn.seen.live.values() if owner_of(live) == own), default=0)


def _needs_restamp(old: Operation | None, holder: str) -> bool:
    """Say whether writes of another process may still come late: then every object is marked anew (architecture §4)."""
    return old is not None and old.holder != holder and old.verdict is not Verdict.SUCCEEDED


def _superseded(turn: Turn, by: int) -> Turn:
    operation, intent = turn.operation, turn.state.intent
    if operation is None or intent is None or operation.heal is not None:
        return turn
    event = SyncSuperseded(object=turn.application.ref, commits=intent.commits, intent=intent.number, by=by)
    return turn.telling(event, telling.occurrence(operation, "superseded"))


def _told(turn: Turn, intent: Intent, operation: Operation, wanted: Wanted) -> Turn:
    accepted = IntentAccepted(
        object=turn.application.ref,
        commits=intent.commits,
        intent=intent.number,
        reason=intent.reason,
        bundle=intent.bundle,
    )
    started = SyncStarted(
        object=turn.application.ref,
        commits=intent.commits,
        intent=intent.number,
        waves=wanted.wave_numbers,
        objects=len(wanted.objects),
    )
    turn = turn.telling(accepted, telling.occurrence(operation, "accepted"))
    return turn.telling(started, telling.occurrence(operation, "started"))


def refresh_mark(turn: Turn) -> str:
    """Return what tells one request for a refresh from the next, empty when there is none."""
    application = turn.application
    return f"{application.refresh} {application.version}" if application.refresh else ""
