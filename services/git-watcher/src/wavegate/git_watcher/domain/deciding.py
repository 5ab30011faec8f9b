"""What follows from a look at a repository: new tips, events, who is told, and when to look again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from wavegate.contracts.events import Emitted
from wavegate.contracts.reconciling import Decision
from wavegate.contracts.repository_state import RefState, RepositoryState, StateFailure
from wavegate.git_watcher.domain import announcements, looking, reports, targets, tips
from wavegate.git_watcher.domain.looking import Polling
from wavegate.git_watcher.domain.observed import Observed, Unavailable
from wavegate.git_watcher.domain.targets import Resolved
from wavegate.git_watcher.domain.tips import Movement, Relation, Sight

REFS_KEPT = 256
"""Refs that no application follows any more are kept up to this many in all: their `seq` must not begin again."""
AWAY_WORTH_TELLING_AGAIN = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class LearnHistory:
    """Fetch the ancestors of these tips, so that the next move can be judged without waiting."""

    shas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnnounceMore:
    """More applications wait to be told: decide again at once."""


Action = LearnHistory | AnnounceMore


def decide(
    observed: Observed, before: RepositoryState | None, polling: Polling, now: datetime
) -> Decision[RepositoryState, Action]:
    """Decide what a look means. Pure: everything that matters is in the arguments."""
    known = before or RepositoryState(url=observed.url)
    if isinstance(observed.answer, Unavailable):
        asked = known.model_copy(update={"url": observed.url})
        state, events = _unavailable(asked, observed.answer, now)
    elif observed.answer is None:
        state, events = known, ()
    else:
        state, events = _answered(observed, observed.answer, known, now)
    state, judged = _judge(observed, known, state)
    state, commands = announcements.next_batch(observed, state)
    moved = _moved(known.refs, state.refs)
    actions: list[Action] = [LearnHistory(moved)] if moved else []
    if announcements.is_pending(state):
        actions.append(AnnounceMore())
    return Decision(
        state=state,
        actions=tuple(actions),
        events=(*events, *judged, *commands),
        wake_at=looking.wake_at(observed, state, polling, now),
    )


def _unavailable(
    known: RepositoryState, why: Unavailable, now: datetime
) -> tuple[RepositoryState, tuple[Emitted, ...]]:
    if known.failure is not None and known.failure.reason is why.reason:
        return known, ()
    since = known.failure.since if known.failure is not None else now
    failure = StateFailure(reason=why.reason, message=why.message, since=since)
    return known.model_copy(update={"failure": failure}), (reports.failed(known.url, failure),)


def _answered(
    observed: Observed, refs: Mapping[str, str], known: RepositoryState, now: datetime
) -> tuple[RepositoryState, tuple[Emitted, ...]]:
    entries = dict(known.refs)
    events: list[Emitted] = []
    followed = [*observed.targets, *observed.charts]
    for target in followed:
        step = tips.advance(known.refs.get(target), _sight(observed, refs, known, target), now)
        entries[target] = step.after
        events.extend(reports.of_step(observed.url, target, known.refs.get(target), step, observed.trigger))
    state = RepositoryState(url=observed.url, refs=_kept(entries, followed))
    if known.failure is not None and now - known.failure.since >= AWAY_WORTH_TELLING_AGAIN:
        # A render of a tip may have failed while the repository was away; the cache makes the others cheap.
        state = announcements.again(state, f"back@{known.failure.since.isoformat()}")
    return state, tuple(events)


def _sight(observed: Observed, refs: Mapping[str, str], known: RepositoryState, target: str) -> Sight:
    found = targets.chart(target) if target in observed.charts else targets.resolve(target, refs)
    forced = isinstance(found, Resolved) and any(
        push.forced and push.ref == found.name and push.after == found.sha for push in observed.pushes
    )
    return Sight(found, observed.relations.get(target, _unknown(known, target, found)), forced)


def _unknown(known: RepositoryState, target: str, found: Resolved | targets.Unresolved) -> Relation:
    """A tip whose relation nobody looked up is not trusted to lead forward."""
    entry = known.refs.get(target)
    moved = entry is not None and isinstance(found, Resolved) and bool(entry.sha) and entry.sha != found.sha
    return Relation.UNKNOWN if moved else Relation.OTHER


def _judge(
    observed: Observed, known: RepositoryState, state: RepositoryState
) -> tuple[RepositoryState, tuple[Emitted, ...]]:
    """Say of tips that moved a while ago whether they descended from the ones before."""
    refs = dict(state.refs)
    events: list[Emitted] = []
    for target, entry in state.refs.items():
        same_tip = entry.seq == known.refs.get(target, RefState()).seq
        if not entry.unjudged or not same_tip or target not in observed.descends:
            continue
        if not observed.descends[target]:
            events.append(reports.rewritten(state.url, target, entry, entry.unjudged))
        refs[target] = entry.model_copy(update={"unjudged": ""})
    return state.model_copy(update={"refs": refs}), tuple(events)


def _moved(before: Mapping[str, RefState], after: Mapping[str, RefState]) -> tuple[str, ...]:
    return tuple(
        entry.sha
        for target, entry in after.items()
        if entry.sha and not targets.is_commit(target) and entry.seq != before.get(target, RefState()).seq
    )


def _kept(entries: dict[str, RefState], followed: list[str]) -> dict[str, RefState]:
    """Forget refs that nobody follows only when there are too many."""
    spare = max(0, REFS_KEPT - len(followed))
    others = [target for target in entries if target not in followed][-spare:] if spare else []
    return {target: entry for target, entry in entries.items() if target in followed or target in others}


__all__ = ["Action", "AnnounceMore", "LearnHistory", "Movement", "decide"]
