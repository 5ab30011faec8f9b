"""Which render counts: the newest one of the present spec, never an older one (architecture §4).

`seq` orders the commits of one (repository, targetRevision). Renders of other sources, or of a spec that has changed since,
say nothing about each other's age.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from wavegate.contracts.application import ManifestsRendered, RenderFailed
from wavegate.contracts.identity import repository_id
from wavegate.contracts.reconciling import Hint
from wavegate.contracts.references import Commit
from wavegate.syncer.domain.state import Intent, Render, RenderFault

ASKED_FOR = frozenset({"refresh"})
"""Reasons for which a render of commits that are already known counts although it differs."""


def render_of(hint: Hint) -> Render | None:
    """Read a hint as a render."""
    message = hint.message
    if not isinstance(message, ManifestsRendered):
        return None
    return Render(
        id=hint.id,
        commits=message.commits,
        spec_digest=message.spec_digest,
        bundle=message.bundle,
        source_types=message.source_types,
        reason=message.reason,
        traceparent=hint.traceparent,
    )


def fault_of(hint: Hint) -> RenderFault | None:
    """Read a hint as a failed render."""
    message = hint.message
    if not isinstance(message, RenderFailed):
        return None
    return RenderFault(
        id=hint.id,
        commits=message.commits,
        spec_digest=message.spec_digest,
        reason=message.reason,
        detail=message.detail,
    )


def newest(
    known: Iterable[Render | None], hints: Iterable[Hint], spec_digest: str, floor: Sequence[Commit] = ()
) -> Render | None:
    """Return the newest render of the present spec among what is known and what hints bring.

    `floor` is what the repositories' own state said when this process first looked: older renders are late messages.
    """
    best: Render | None = None
    offered = [render for hint in hints if (render := render_of(hint)) is not None]
    fresh = [render for render in offered if not is_older(render.commits, floor)]
    for render in (*known, *fresh):
        if render is not None and render.spec_digest == spec_digest and _beats(render, best):
            best = render
    return best


def _beats(render: Render, best: Render | None) -> bool:
    if best is None:
        return True
    if is_older(render.commits, best.commits):
        return False
    if same(render.commits, best.commits):
        return render.id != best.id and render.bundle != best.bundle and render.reason in ASKED_FOR
    return True


def is_older(commits: Sequence[Commit], than: Sequence[Commit]) -> bool:
    """Say whether any source that both have stands at a lower seq."""
    known = _by_source(than)
    return any(commit.seq < known[source].seq for source, commit in _by_source(commits).items() if source in known)


def same(one: Sequence[Commit], other: Sequence[Commit]) -> bool:
    """Say whether two renders stem from the same tips."""
    left, right = _by_source(one), _by_source(other)
    return {source: (commit.seq, commit.sha) for source, commit in left.items()} == {
        source: (commit.seq, commit.sha) for source, commit in right.items()
    }


def is_unaffected(render: Render, intent: Intent | None) -> bool:
    """Say whether a render means the very objects that the intent means, from newer commits."""
    return (
        intent is not None
        and render.bundle == intent.bundle
        and render.spec_digest == intent.spec_digest
        and not same(render.commits, intent.commits)
    )


def is_attempted(render: Render, intent: Intent | None) -> bool:
    """Say whether the intent was accepted for this very render: one automated attempt each."""
    return (
        intent is not None
        and render.bundle == intent.bundle
        and render.spec_digest == intent.spec_digest
        and same(render.commits, intent.commits)
    )


def latest_fault(known: RenderFault | None, hints: Iterable[Hint], spec_digest: str) -> RenderFault | None:
    """Return the failure that stands: of the present spec, and no good render of the same or newer commits came after it."""
    standing = known if known is not None and known.spec_digest == spec_digest else None
    for hint in hints:
        fault, render = fault_of(hint), render_of(hint)
        if fault is not None and fault.spec_digest == spec_digest:
            standing = fault if standing is None or not is_older(fault.commits, standing.commits) else standing
        elif render is not None and render.spec_digest == spec_digest and standing is not None:
            standing = standing if is_older(render.commits, standing.commits) else None
    return standing


def _by_source(commits: Sequence[Commit]) -> Mapping[tuple[str, str], Commit]:
    return {(repository_id(commit.repository), commit.ref): commit for commit in commits}
