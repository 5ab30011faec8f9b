"""The events that follow from what became of a ref or a repository."""

from wavegate.contracts.events import Emitted
from wavegate.contracts.identity import trace_id, traceparent
from wavegate.contracts.reasons import Reason
from wavegate.contracts.references import Commit
from wavegate.contracts.repository import (
    GitFailed,
    HistoryRewritten,
    LaggingMirror,
    RefMissing,
    RepositoryEvent,
    RevisionObserved,
)
from wavegate.contracts.repository_state import RefState, StateFailure
from wavegate.git_watcher.domain.tips import Movement, Step

EVERY_REF = "*"
_TIP_MOVED = frozenset({Movement.FIRST, Movement.MOVED, Movement.REWRITTEN})


def of_step(url: str, target: str, before: RefState | None, step: Step, trigger: str) -> tuple[Emitted, ...]:
    """Return the events of one ref's step."""
    last, after = before or RefState(), step.after
    events: list[Emitted] = []
    if step.movement in _TIP_MOVED:
        why = "application" if step.movement is Movement.FIRST else trigger
        events.append(_observed(url, target, last, after, why))
    if step.movement is Movement.REWRITTEN:
        events.append(rewritten(url, target, after, last.sha))
    if step.movement is Movement.LAGGING and after.regressed:
        event = LaggingMirror(repository=url, ref=target, sha=after.regressed.sha, known_sha=after.sha)
        events.append(_emitted(event, f"{after.regressed.sha}@{after.regressed.since.isoformat()}", after))
    if step.movement is Movement.LOST and after.failure:
        events.append(_lost(url, target, after, after.failure))
    return tuple(events)


def rewritten(url: str, target: str, after: RefState, previous: str) -> Emitted:
    """Return the event of a tip that does not descend from the one before."""
    event = HistoryRewritten(
        repository=url,
        ref=target,
        sha=after.sha,
        seq=after.seq,
        previous_sha=previous,
        commits=(Commit(repository=url, ref=target, seq=after.seq, sha=after.sha),),
    )
    return _emitted(event, f"{after.seq}:{after.sha}", after)


def failed(url: str, failure: StateFailure) -> Emitted:
    """Return the event of a repository that could not be asked."""
    event = GitFailed(repository=url, ref=EVERY_REF, reason=failure.reason, detail=failure.message)
    return Emitted(event, f"{failure.reason}@{failure.since.isoformat()}")


def _observed(url: str, target: str, last: RefState, after: RefState, trigger: str) -> Emitted:
    event = RevisionObserved(
        repository=url,
        ref=target,
        sha=after.sha,
        seq=after.seq,
        previous_sha=last.sha or None,
        trigger=trigger,
        commits=(Commit(repository=url, ref=target, seq=after.seq, sha=after.sha),),
    )
    return _emitted(event, f"{after.seq}:{after.sha}", after)


def _lost(url: str, target: str, after: RefState, failure: StateFailure) -> Emitted:
    occurrence = f"{failure.reason}@{failure.since.isoformat()}"
    if failure.reason is Reason.REF_MISSING:
        return _emitted(RefMissing(repository=url, ref=target, last_sha=after.sha or None), occurrence, after)
    event = GitFailed(repository=url, ref=target, reason=failure.reason, detail=failure.message)
    return _emitted(event, occurrence, after)


def _emitted(event: RepositoryEvent, occurrence: str, after: RefState) -> Emitted:
    trace = trace_id(event.repository, event.ref, after.seq)
    return Emitted(event, occurrence, traceparent=traceparent(trace, f"{event.repository} {event.ref} {after.seq}"))
