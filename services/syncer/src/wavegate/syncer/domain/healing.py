"""Drift: telling of it once, and bringing objects back under the present intent (argocd.md §2.6, architecture §7).

The first healing is immediate, later ones wait 2, 6, 18, 54, 162, 300, 300 … seconds after the last; a quiet spell forgets.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from wavegate.contracts.application import DriftDetected, DriftHealed
from wavegate.manifests.comanaged import co_managed_paths
from wavegate.manifests.drift import drift_of
from wavegate.manifests.identity import ObjectKey, metadata_of
from wavegate.syncer.domain import pruning, telling
from wavegate.syncer.domain.comparison import Compared, Comparison, compare
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.state import Healing, Intent, Operation, Verdict
from wavegate.syncer.domain.wanted import Wanted

FIRST_WAIT, FACTOR, LONGEST_WAIT = 2.0, 3, 300.0
QUIET = timedelta(seconds=330)
"""After so long without a healing, the next one is immediate again."""


def heal(turn: Turn, wanted: Wanted) -> Turn:
    """Tell of drift, forget what came back by itself, and start a healing if it is due."""
    intent = turn.state.intent
    if intent is None or turn.operation is not None:
        return turn
    compared = compare(turn.seen, wanted, turn.state.baselines)
    turn = _forgotten(turn, compared, intent)
    drifted = compared.drifted()
    for each in drifted:
        turn = _told(turn, each, intent)
    due = (*_astray(compared), *_left_over(turn, compared))
    policy = turn.application.policy
    is_let = policy.automated and policy.self_heal and not turn.seen.windows
    return _start(turn, due) if due and is_let else turn


def wait_of(attempts: int) -> timedelta:
    """Return how long the next healing waits after so many attempts."""
    if attempts <= 0:
        return timedelta(0)
    return timedelta(seconds=min(LONGEST_WAIT, FIRST_WAIT * FACTOR ** min(attempts - 1, 10)))


def due_at(healing: Healing, now: datetime) -> datetime:
    """Return when the next healing may start."""
    if healing.at is None or now - healing.at >= QUIET:
        return now
    return healing.at + wait_of(healing.attempts)


def _astray(compared: Comparison) -> tuple[Compared, ...]:
    """Objects that do not stand as wanted: drifted, or compared at other places since who co-manages them changed."""
    return tuple(
        each for each in compared.objects.values() if each.wanted and not (each.is_synced or each.is_terminating)
    )


def _left_over(turn: Turn, compared: Comparison) -> tuple[Compared, ...]:
    """Objects to be pruned that came, or came back, after a whole sync had pruned."""
    operation = turn.state.operation
    if operation is None or operation.verdict is not Verdict.SUCCEEDED or not turn.application.policy.prune:
        return ()
    everything = operation.model_copy(update={"only": None, "prune": True})
    return tuple(each for each in pruning.to_prune(everything, compared) if not each.is_terminating)


def _start(turn: Turn, due: tuple[Compared, ...]) -> Turn:
    last, healing = turn.state.operation, turn.state.healing
    if last is None or (last.verdict is not Verdict.SUCCEEDED and last.heal is None):
        return turn
    at = due_at(healing, turn.now)
    if at > turn.now:
        return turn.waking(at)
    fresh = healing.at is not None and turn.now - healing.at >= QUIET
    healing = Healing(
        attempts=1 if fresh else healing.attempts + 1,
        total=healing.total + 1,
        at=turn.now,
    )
    operation = Operation(
        intent=turn.state.fence,
        holder=turn.seen.holder,
        heal=healing.total,
        prune=turn.application.policy.prune,
        only=tuple(str(each.key) for each in due),
        started_at=turn.now,
    )
    return turn.recording(operation=operation, healing=healing)


def _told(turn: Turn, each: Compared, intent: Intent) -> Turn:
    text = str(each.key)
    if each.wanted is None or turn.state.drift.get(text) == each.now.live:
        return turn
    drift = drift_of(each.wanted, each.live, turn.seen.manager, co_managed_paths(each.wanted, turn.seen.planned))
    event = DriftDetected(
        object=turn.application.ref,
        commits=intent.commits,
        intent=intent.number,
        resource=telling.resource(each.key, each.wanted),
        fields=drift.fields,
        manager=drift.manager,
    )
    turn = turn.recording(drift={**turn.state.drift, text: each.now.live})
    return turn.telling(event, f"drift {_occurrence(turn, each)}")


def _occurrence(turn: Turn, each: Compared) -> str:
    """What tells one drift from the next: the object's version, or for one that is gone, the healing before it."""
    metadata = metadata_of(each.live or {})
    if not metadata:
        return f"{each.key} missing after intent {turn.state.fence} heal {turn.state.healing.total}"
    return f"{metadata.get('uid')} {metadata.get('resourceVersion')}"


def _forgotten(turn: Turn, compared: Comparison, intent: Intent) -> Turn:
    """Somebody else brought an object back: that ends its drift, too."""
    for text in list(turn.state.drift):
        each = compared.objects.get(ObjectKey.parse(text))
        if each is not None and each.has_drifted:
            continue
        left = {key: mark for key, mark in turn.state.drift.items() if key != text}
        turn = turn.recording(drift=left)
        if each is not None and each.is_synced:
            resource = telling.resource(each.key, each.wanted)
            event = DriftHealed(
                object=turn.application.ref, commits=intent.commits, intent=intent.number, resource=resource
            )
            turn = turn.telling(event, f"back {_occurrence(turn, each)}")
    return turn
