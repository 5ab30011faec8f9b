"""Which applications are told about a tip, a bounded number at a time."""

import json
from collections.abc import Iterator

from wavegate.contracts.commands import PinnedSource, RenderApplication, is_too_large, render_occurrence
from wavegate.contracts.events import Emitted
from wavegate.contracts.identity import trace_id, traceparent
from wavegate.contracts.references import Commit
from wavegate.contracts.repository_state import Announcing, RefState, RepositoryState
from wavegate.git_watcher.domain.applications import ApplicationView, Source
from wavegate.git_watcher.domain.observed import Observed

BATCH_APPLICATIONS = 64
BATCH_BYTES = 256 << 10
"""Roughly what one batch may add to the state object, which must stay far below etcd's 1.5 MB."""


def next_batch(observed: Observed, state: RepositoryState) -> tuple[RepositoryState, tuple[Emitted, ...]]:
    """Return the state with the announcements moved on by one batch, and the commands of that batch."""
    emitted: list[Emitted] = []
    refs = dict(state.refs)
    size = 0
    for target, entry in state.refs.items():
        if entry.announcing is None:
            continue
        last = entry.announcing.after
        for application in _followers(observed, target, last):
            if len(emitted) >= BATCH_APPLICATIONS or size >= BATCH_BYTES:
                break
            last = application.key
            for command in _command(observed, state, application, entry.announcing, target):
                emitted.append(command)
                size += len(json.dumps(command.message.to_json()))
        else:
            refs[target] = entry.model_copy(update={"announcing": None})
            continue
        refs[target] = _moved_on(entry, last)
    return state.model_copy(update={"refs": refs}), tuple(emitted)


def is_pending(state: RepositoryState) -> bool:
    """Return whether applications still wait to be told."""
    return any(entry.announcing is not None for entry in state.refs.values())


def again(state: RepositoryState, nonce: str) -> RepositoryState:
    """Return the state with every tip to be told again."""
    refs = {
        target: entry.model_copy(update={"announcing": entry.announcing or Announcing(nonce=nonce)})
        for target, entry in state.refs.items()
        if entry.sha
    }
    return state.model_copy(update={"refs": {**state.refs, **refs}})


def _moved_on(entry: RefState, last: str) -> RefState:
    nonce = entry.announcing.nonce if entry.announcing else ""
    return entry.model_copy(update={"announcing": Announcing(after=last, nonce=nonce)})


def _followers(observed: Observed, target: str, after: str) -> list[ApplicationView]:
    following = (one for one in observed.applications if target in one.targets(observed.repository) and one.key > after)
    return sorted(following, key=lambda one: one.key)


def _command(
    observed: Observed, state: RepositoryState, application: ApplicationView, announcing: Announcing, target: str
) -> Iterator[Emitted]:
    """Give the command, unless a source's tip is not known yet: then whoever learns it last asks.

    One that is too large would stand in the way of every other application's; the syncer says so on the Application.
    """
    if is_too_large(source.spec for source in application.sources):
        return
    commits = [_commit(observed, state, source) for source in application.sources]
    known = tuple(commit for commit in commits if commit is not None)
    if len(known) < len(commits):
        return
    entry = state.refs[target]
    command = RenderApplication(
        object=application.object,
        commits=known,
        project=application.project,
        sources=tuple(
            PinnedSource(spec=dict(source.spec), commit=commit)
            for source, commit in zip(application.sources, known, strict=True)
        ),
        multi_source=application.multi_source,
        spec_digest=application.spec_digest,
        destination_namespace=application.destination_namespace,
        reason="rescan" if announcing.nonce else "push",
    )
    occurrence = render_occurrence(known, application.spec_digest, announcing.nonce)
    trace = trace_id(state.url, target, entry.seq)
    yield Emitted(
        command, occurrence, traceparent=traceparent(trace, f"RevisionObserved {observed.repository} {target}")
    )


def _commit(observed: Observed, state: RepositoryState, source: Source) -> Commit | None:
    owner = state if source.repository == observed.repository else observed.others.get(source.repository)
    entry = owner.refs.get(source.target) if owner else None
    if source.is_chart or entry is None or not entry.sha:
        return None
    return Commit(repository=source.url, ref=source.target, seq=entry.seq, sha=entry.sha)
