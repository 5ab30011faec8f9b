"""How an operation moves on: dry run, then stage by stage with health in between, then pruning (argocd.md §2.5).

The state names where it stands (`Phase`), so that whoever looks next, in this process or another, goes on from there:

    PREPARING ──dry run──► first stage's writes ──► WAITING ──healthy──► APPLYING ──► WAITING … ──► PRUNING ──► DONE

Each phase is a function of the turn. It returns the turn unchanged when only time, a watch or an action's outcome can help.
The last stage is not waited for, as with Argo CD, unless something is to be pruned: pruning comes last, after all is well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from wavegate.contracts.application import WaveApplied, WaveHealthy
from wavegate.contracts.reasons import Reason
from wavegate.manifests.health import HealthStatus
from wavegate.manifests.identity import ObjectKey
from wavegate.syncer.domain import dry_running, ending, home, outcomes, pruning, telling, validating
from wavegate.syncer.domain.actions import Apply, Unwritten, Write, Written
from wavegate.syncer.domain.comparison import Compared, Comparison, compare, is_settled
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.state import Intent, Operation, Phase
from wavegate.syncer.domain.wanted import Stage, Wanted
from wavegate.syncer.domain.writing import grouped, write_of

SERVED_SOON = timedelta(seconds=1)


def advance(turn: Turn, wanted: Wanted) -> Turn:
    """Bring the running operation as far as it goes without an action's outcome."""
    turn = outcomes.absorbed(turn, wanted)
    while turn.operation is not None and not turn.actions:
        after = _PHASES[turn.operation.phase](turn, wanted)
        if after is turn:
            return _looking_again(turn, wanted)
        turn = after
    return turn


def _looking_again(turn: Turn, wanted: Wanted) -> Turn:
    """Nothing tells when the API server begins to serve a kind: after a definition, it is asked every second."""
    stage = _stage(turn, wanted)
    is_defining = stage is not None and stage.defining and turn.operation is not None
    return turn.waking(turn.now + SERVED_SOON) if is_defining else turn


def _prepare(turn: Turn, wanted: Wanted) -> Turn:
    """Check, try, then write the first stage. Until that is recorded, a crash repeats all of it, harmlessly."""
    if _is_answered(turn, wanted):
        return _stage_written(turn, wanted)
    barred = _barred(turn, wanted)
    if barred is not None:
        return barred
    first = home.created_first(turn, wanted) or dry_running.answered(turn, wanted)
    return first if first is not None else _write_stage(dry_running.with_baselines(turn, wanted), wanted)


def _is_answered(turn: Turn, wanted: Wanted) -> bool:
    """Say whether the last action wrote objects of the bundle."""
    written = (outcome.key for outcome in turn.outcomes if isinstance(outcome, Written | Unwritten))
    return any(key in wanted.objects for key in written)


def _apply(turn: Turn, wanted: Wanted) -> Turn:
    """Write the stage, or go on with what came of it."""
    if _is_answered(turn, wanted):
        return _stage_written(turn, wanted)
    return _barred(turn, wanted) or _write_stage(turn, wanted)


def _barred(turn: Turn, wanted: Wanted) -> Turn | None:
    """End the operation if an object must not be written: looked at anew before each stage, for projects change."""
    operation = turn.operation
    unconfirmed = pruning.unconfirmed(turn, operation, wanted) if operation is not None else ()
    problems = (*validating.invalid(turn.seen, wanted), *unconfirmed)
    if not problems:
        return None
    words = "; ".join(sorted({problem.message for problem in problems}))
    message = f"one or more synchronization tasks are not valid: {words}"
    return ending.fail(turn, wanted, problems[0].reason, message, problems[0].key)


def _write_stage(turn: Turn, wanted: Wanted) -> Turn:
    operation, intent, stage = turn.operation, turn.state.intent, _stage(turn, wanted)
    if operation is None or intent is None:
        return turn
    if stage is None:
        return turn.operating(phase=Phase.PRUNING)
    compared = compare(turn.seen, wanted, turn.state.baselines)
    writes = _writes(turn, intent, operation, stage, compared)
    if not writes:
        return _stage_written(turn, wanted)
    return turn.doing(Apply(intent.number, grouped(writes)))


def _writes(turn: Turn, intent: Intent, operation: Operation, stage: Stage, compared: Comparison) -> tuple[Write, ...]:
    due = (compared.objects[key] for key in stage.keys if includes(operation, key))
    found = (write_of(turn.seen, intent, each, restamp=operation.restamp) for each in due)
    return tuple(write for write in found if write is not None)


def _stage_written(turn: Turn, wanted: Wanted) -> Turn:
    """Every object of the stage was written or stood as wanted, or some could not be written."""
    operation, intent, stage = turn.operation, turn.state.intent, _stage(turn, wanted)
    turn = replace(turn, outcomes=())
    if operation is None or intent is None or stage is None:
        return turn.operating(phase=Phase.PRUNING)
    turn = outcomes.with_unchanged(turn, wanted, stage)
    refused = outcomes.refused(turn, stage)
    if refused:
        words = ",".join(result.message for _, result in refused)
        key = refused[0][0]
        return ending.fail(turn, wanted, Reason.APPLY_FAILED, f"{ending.UNSUCCESSFUL}, reason: {words}", key)
    turn = turn.operating(phase=Phase.WAITING, message="")
    return (
        turn if operation.heal is not None or stage.defining else _tell_applied(turn, operation, intent, stage, wanted)
    )


def _tell_applied(turn: Turn, operation: Operation, intent: Intent, stage: Stage, wanted: Wanted) -> Turn:
    applied, unchanged = outcomes.counted(turn, wanted, stage.wave)
    event = WaveApplied(
        object=turn.application.ref,
        commits=intent.commits,
        intent=intent.number,
        wave=stage.wave,
        applied=applied,
        unchanged=unchanged,
    )
    return turn.telling(event, telling.occurrence(operation, f"wave {stage.wave} applied"))


def _wait(turn: Turn, wanted: Wanted) -> Turn:
    operation, stage = turn.operation, _stage(turn, wanted)
    if operation is None or stage is None:
        return turn.operating(phase=Phase.PRUNING)
    compared = compare(turn.seen, wanted, turn.state.baselines)
    if operation.stage + 1 >= len(wanted.stages) and not pruning.is_due(operation, compared):
        return turn.operating(phase=Phase.PRUNING)
    waited = tuple(compared.objects[key] for key in stage.keys if includes(operation, key) and _counts(key, stage))
    broken = _broken(turn, wanted, waited)
    if broken is not None:
        return broken
    open_ = tuple(each for each in waited if not is_settled(each.health))
    if open_ or not _is_served(turn, wanted, stage):
        return _still(turn, _words(open_))
    return _next_stage(turn, stage)


def _counts(key: ObjectKey, stage: Stage) -> bool:
    """After a part that brings definitions, only these are waited for."""
    return not stage.defining or key.kind == "CustomResourceDefinition"


def _broken(turn: Turn, wanted: Wanted, waited: tuple[Compared, ...]) -> Turn | None:
    """End the operation if an object went missing or turned Degraded while it was waited for."""
    for each in waited:
        if each.live is None:
            message = (
                f"Resource {each.key.group}/{each.key.kind}/{each.key.name} is missing, it might have been deleted"
            )
            failed = outcomes.marked(turn, each.key, "Failed", message, status="SyncFailed")
            return ending.fail(
                failed, wanted, Reason.OBJECT_MISSING, f"{ending.UNSUCCESSFUL}, reason: {message}", each.key
            )
    degraded = [each for each in waited if each.health and each.health.status is HealthStatus.DEGRADED]
    if not degraded:
        return None
    for each in degraded:
        turn = outcomes.marked(turn, each.key, "Failed", each.health.message if each.health else "")
    words = ",".join(each.health.message for each in degraded if each.health)
    message = f"{ending.UNSUCCESSFUL}, reason: {words}"
    return ending.fail(turn, wanted, Reason.OBJECT_DEGRADED, message, degraded[0].key)


def _is_served(turn: Turn, wanted: Wanted, stage: Stage) -> bool:
    """Say whether the kinds of the next stage are served, if this one defines them."""
    operation = turn.operation
    if not stage.defining or operation is None:
        return True
    following = wanted.stages[operation.stage + 1].keys
    return all(validating.is_served(turn.seen, wanted.objects[key]) for key in following)


def _words(open_: tuple[Compared, ...]) -> str:
    """Argo CD's words for what is waited for."""
    if not open_:
        return "waiting for custom resource definitions to be served"
    key = open_[0].key
    more = f" and {len(open_) - 1} more resources" if len(open_) > 1 else ""
    return f"waiting for healthy state of {key.group}/{key.kind}/{key.name}{more}"


def _still(turn: Turn, message: str) -> Turn:
    operation = turn.operation
    return turn if operation is None or operation.message == message else turn.operating(message=message)


def _next_stage(turn: Turn, stage: Stage) -> Turn:
    operation, intent = turn.operation, turn.state.intent
    if operation is None or intent is None:
        return turn
    for key in stage.keys:
        turn = outcomes.marked(turn, key, "Succeeded")
    turn = turn.operating(phase=Phase.APPLYING, stage=operation.stage + 1, message="")
    if operation.heal is not None or stage.defining:
        return turn
    event = WaveHealthy(object=turn.application.ref, commits=intent.commits, intent=intent.number, wave=stage.wave)
    return turn.telling(event, telling.occurrence(operation, f"wave {stage.wave} healthy"))


def _stage(turn: Turn, wanted: Wanted) -> Stage | None:
    operation = turn.operation
    return wanted.stages[operation.stage] if operation and operation.stage < len(wanted.stages) else None


def includes(operation: Operation, key: ObjectKey) -> bool:
    """Say whether an operation is about an object."""
    return operation.only is None or str(key) in operation.only


_PHASES: Mapping[Phase, Callable[[Turn, Wanted], Turn]] = {
    Phase.PREPARING: _prepare,
    Phase.APPLYING: _apply,
    Phase.WAITING: _wait,
    Phase.PRUNING: pruning.prune,
    Phase.DONE: lambda turn, _wanted: turn,
}
