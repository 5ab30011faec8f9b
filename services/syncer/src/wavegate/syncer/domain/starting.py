"""Whether a sync starts now: by itself, because somebody asks, or again after a failure (argocd.md §2.6)."""

from __future__ import annotations

from wavegate.contracts.application import SyncFailed, SyncWaiting
from wavegate.contracts.reasons import Reason
from wavegate.syncer.domain import ending, renders, requested, retrying
from wavegate.syncer.domain.accepting import Terms, accept
from wavegate.syncer.domain.comparison import compare
from wavegate.syncer.domain.looking import BundleFault, Turn
from wavegate.syncer.domain.state import Render
from wavegate.syncer.domain.wanted import Wanted

WINDOWS = "sync windows are not supported yet: the project's windows hold this sync"


def start(turn: Turn) -> Turn:
    """Start what is due. At most one sync starts in a turn."""
    render = turn.state.render
    wanted = turn.bundle(render.bundle.digest) if render is not None else None
    if render is None or not isinstance(wanted, Wanted) or render.spec_digest != turn.application.spec_digest:
        return turn
    if turn.seen.windows:
        return _waiting(turn, Reason.SYNC_WINDOW, WINDOWS)
    if turn.application.operation and turn.operation is None:
        return requested.start(turn, render, wanted)
    if not turn.application.policy.automated:
        return _by_hand(turn, render, wanted)
    return _by_itself(turn, render, wanted)


def _by_hand(turn: Turn, render: Render, wanted: Wanted) -> Turn:
    """Without automated sync a difference is shown and told, once for each render."""
    if turn.operation is not None:
        return _ended_if_outdated(turn, wanted)
    turn = retrying.again(turn, render, wanted)
    if turn.operation is not None or compare(turn.seen, wanted, turn.state.baselines).is_synced:
        return turn.noting("waiting", "") if turn.operation is None else turn
    revision = render.commits[0].sha[:12] if render.commits else ""
    return _waiting(
        turn, Reason.MANUAL_SYNC, f"the application differs from {revision} and is not synced automatically"
    )


def _waiting(turn: Turn, reason: Reason, detail: str) -> Turn:
    render = turn.state.render
    if render is None:
        return turn
    mark = f"{reason} {render.bundle.digest} {render.id}"
    if turn.has_told("waiting", mark):
        return turn
    event = SyncWaiting(object=turn.application.ref, commits=render.commits, reason=reason, detail=detail)
    return turn.noting("waiting", mark).telling(event, f"waiting {mark}")


def _by_itself(turn: Turn, render: Render, wanted: Wanted) -> Turn:
    intent = turn.state.intent
    if renders.is_attempted(render, intent):
        return turn if turn.operation is not None else retrying.again(turn, render, wanted)
    if would_wipe_out(turn, wanted):
        return _refuse_wiping(_ended_if_outdated(turn, wanted), render)
    reason = "push" if intent is None or intent.spec_digest == render.spec_digest else "spec"
    return accept(turn, render, wanted, Terms(reason=reason, prune=turn.application.policy.prune))


def _ended_if_outdated(turn: Turn, wanted: Wanted) -> Turn:
    """End a running sync that can never go on, for nothing takes its place by itself: it would stand in the way for ever."""
    intent = turn.state.intent
    if turn.operation is None or intent is None:
        return turn
    if intent.spec_digest != turn.application.spec_digest:
        message = "the application's spec changed while it was being synced"
        return ending.fail(turn, wanted, Reason.SUPERSEDED, message)
    found = turn.bundle(intent.bundle.digest)
    if isinstance(found, BundleFault):
        return ending.fail(turn, wanted, found.reason, found.message)
    return turn


def would_wipe_out(turn: Turn, wanted: Wanted) -> bool:
    """Say whether an automated sync would prune all there is."""
    policy = turn.application.policy
    if wanted.objects or not policy.prune or policy.allow_empty:
        return False
    return bool(compare(turn.seen, wanted, turn.state.baselines).extra)


def wiping_message(render: Render) -> str:
    """Argo CD's words for refusing to prune everything."""
    revision = render.commits[0].sha if render.commits else ""
    return f"Skipping sync attempt to {revision}: auto-sync will wipe out all resources"


def _refuse_wiping(turn: Turn, render: Render) -> Turn:
    mark = f"{Reason.EMPTY_RENDER} {render.id}"
    if turn.has_told("refusal", mark):
        return turn
    event = SyncFailed(
        object=turn.application.ref, commits=render.commits, reason=Reason.EMPTY_RENDER, detail=wiping_message(render)
    )
    return turn.noting("refusal", mark).telling(event, f"refused {mark}")


def bundle_trouble(turn: Turn) -> BundleFault | None:
    """Return why the newest render's bundle cannot be had."""
    render = turn.state.render
    found = turn.bundle(render.bundle.digest) if render is not None else None
    return found if isinstance(found, BundleFault) else None
