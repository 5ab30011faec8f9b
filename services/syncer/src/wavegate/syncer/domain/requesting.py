"""Asking the renderer: for a new application, a changed spec, a refresh, or a bundle that was lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from wavegate.contracts.commands import PinnedSource, RenderApplication, render_occurrence
from wavegate.contracts.events import Emitted
from wavegate.contracts.identity import plain_address, trace_id, traceparent
from wavegate.contracts.reasons import Reason
from wavegate.contracts.references import Commit
from wavegate.syncer.domain import renders
from wavegate.syncer.domain.accepting import refresh_mark
from wavegate.syncer.domain.looking import BundleFault, Turn
from wavegate.syncer.domain.state import Request

GRACE = timedelta(seconds=2)
"""How long git-watcher's own command for a new tip may take before we ask ourselves."""
PATIENCE = timedelta(seconds=30)
"""How long a render may take before we ask for it again: the bus may have lost the command or its answer."""

PASSING = frozenset(
    {
        Reason.API_UNAVAILABLE,
        Reason.BUS_UNAVAILABLE,
        Reason.GIT_SERVER_FAULT,
        Reason.INTERNAL_ERROR,
        Reason.RENDER_CRASHED,
        Reason.RENDER_OUT_OF_MEMORY,
        Reason.RENDER_TIMEOUT,
        Reason.REPOSITORY_FORBIDDEN,
        Reason.REPOSITORY_UNREACHABLE,
        Reason.REVISION_MISSING,
    }
)
"""Failures of a render that its input may not be to blame for: nothing tells when what caused them is mended."""
PASSING_AGAIN = timedelta(seconds=60)
"""How long after it was asked for such a render is asked for again."""


def request(turn: Turn) -> Turn:
    """Ask for a render if one is due and the sources' commits are known; git-watcher asks once it learns them.

    What is due is decided from what stands, not from what was said: a command that got lost is asked for again.
    """
    commits = turn.seen.tips.known
    if commits is None:
        return turn
    why, mark = _why(turn, commits)
    if not why:
        return turn
    due, nonce = _due(turn, why, mark)
    if turn.now < due:
        return turn.waking(due)
    recorded = Request(spec_digest=turn.application.spec_digest, commits=commits, mark=mark, at=turn.now)
    return _asked(turn.recording(request=recorded), commits, why, nonce)


def _due(turn: Turn, why: str, mark: str) -> tuple[datetime, str]:
    """Return when to ask, and what makes this asking differ from an earlier one."""
    asked, nonce = turn.state.request, _nonce(turn, why, mark)
    if why == "rescan":
        since = asked.at if asked is not None else turn.seen.tips.since
        return since + PASSING_AGAIN if since else turn.now, f"{nonce} {turn.now.isoformat()}"
    if asked is not None and asked.mark == mark and asked.spec_digest == turn.application.spec_digest:
        return asked.at + PATIENCE, f"{nonce} {turn.now.isoformat()}"
    if why == "push" and turn.seen.tips.since is not None:
        return turn.seen.tips.since + GRACE, nonce
    return turn.now, nonce


def _nonce(turn: Turn, why: str, mark: str) -> str:
    """Return what sets this asking apart. For an application's first render, nothing: git-watcher may ask for it, too."""
    if why == "spec":
        # A spec that is changed back is a new occurrence: under the old id, the bus would take it for a repetition.
        return turn.application.version if turn.state.render is not None else ""
    return mark if why in {"refresh", "rescan"} else ""


def _why(turn: Turn, commits: Sequence[Commit]) -> tuple[str, str]:
    """Return the reason to ask, empty for none, and what it is about: the same mark is not asked for twice at once."""
    application, render = turn.application, turn.seen.offer.render if turn.seen.offer else turn.state.render
    if application.refresh:
        return "refresh", refresh_mark(turn)
    tips = ",".join(f"{commit.ref}:{commit.seq}" for commit in commits)
    fault = turn.state.fault
    is_answered = fault is not None and renders.same(fault.commits, commits)
    if fault is not None and is_answered and fault.reason in PASSING:
        return "rescan", f"{fault.reason} {fault.id}"
    if render is None or render.spec_digest != application.spec_digest:
        return ("", "") if is_answered else ("spec", f"spec {tips}")
    found = turn.bundle(render.bundle.digest)
    if isinstance(found, BundleFault):
        # Not every chart renders to the same bytes twice: what comes for a lost bundle counts although it differs.
        return "refresh", f"{found.reason} {render.id}"
    if renders.is_older(render.commits, commits) and not is_answered:
        return "push", f"push {tips}"
    return "", ""


def _shown(source: dict[str, Any]) -> dict[str, Any]:
    """Return a source as it may travel: its address without credentials."""
    return {**source, "repoURL": plain_address(str(source.get("repoURL") or ""))}


def _asked(turn: Turn, commits: Sequence[Commit], why: str, nonce: str) -> Turn:
    application = turn.application
    pinned = zip(application.sources, commits, strict=True)
    command = RenderApplication(
        object=application.ref,
        commits=tuple(commits),
        project=application.project,
        sources=tuple(PinnedSource(spec=_shown(source), commit=commit) for source, commit in pinned),
        multi_source=application.is_multi_source,
        spec_digest=application.spec_digest,
        destination_namespace=application.destination.namespace,
        reason=why,
    )
    first = commits[0]
    trace = trace_id(first.repository, first.ref, first.seq)
    occurrence = render_occurrence(commits, application.spec_digest, nonce)
    emitted = Emitted(command, occurrence, traceparent=traceparent(trace, occurrence))
    return replace(turn, events=(*turn.events, emitted))
