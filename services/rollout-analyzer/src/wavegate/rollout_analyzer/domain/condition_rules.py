"""Which conditions hold after a look (rollouts.md §2.5; Argo's Healthy, Progressing, Available, Completed, Paused)."""

from dataclasses import dataclass
from datetime import datetime

from wavegate.rollout_analyzer.domain.conditions import (
    ABORTED_REASON,
    AVAILABLE,
    AVAILABLE_REASON,
    COMPLETED,
    COMPLETED_REASON,
    FALSE,
    FOUND_SET_REASON,
    HEALTHY,
    HEALTHY_REASON,
    INVALID_SPEC,
    PAUSED,
    PAUSED_REASON,
    PROGRESSING,
    REPLICA_FAILURE,
    RESUMED_REASON,
    RETRY_REASON,
    SET_AVAILABLE_REASON,
    SET_UNAVAILABLE_REASON,
    SET_UPDATED_REASON,
    TIMED_OUT_REASON,
    TRUE,
    UNKNOWN,
    Conditions,
)
from wavegate.rollout_analyzer.domain.observation import Look
from wavegate.rollout_analyzer.domain.progress import Progress
from wavegate.rollout_analyzer.domain.steps import SetWeight
from wavegate.rollout_analyzer.domain.times import after


@dataclass(frozen=True, slots=True)
class Counted:
    """Pods of a Rollout."""

    current: int
    updated: int
    ready: int
    available: int


def next_conditions(look: Look, progress: Progress, pods: Counted) -> Conditions:
    """Return the conditions after a look."""
    conditions = _mended(Conditions(look.status.conditions, look.now))
    conditions = _paused(look, progress, conditions)
    was_healthy = conditions.holds(HEALTHY)
    healthy = _healthy(look, progress, pods)
    conditions = _health(conditions, healthy=healthy and not _is_paused(look, progress))
    conditions = _progressing(look, progress, pods, conditions, fell=was_healthy and not healthy)
    conditions = _availability(look, pods, conditions)
    return _completed(progress, _replica_failure(look, conditions))


def _mended(conditions: Conditions) -> Conditions:
    """Drop InvalidSpec; time spent with it does not count as lack of progress."""
    if conditions.get(INVALID_SPEC) is None:
        return conditions
    conditions = conditions.without(INVALID_SPEC)
    if conditions.reason(PROGRESSING) in {"", ABORTED_REASON, PAUSED_REASON}:
        return conditions
    return conditions.refreshed(PROGRESSING, UNKNOWN, RESUMED_REASON, "Rollout is resumed")


def _is_paused(look: Look, progress: Progress) -> bool:
    return look.spec.paused or bool(progress.pauses)


def _paused(look: Look, progress: Progress, conditions: Conditions) -> Conditions:
    paused, reason = _is_paused(look, progress), conditions.reason(PROGRESSING)
    if reason == ABORTED_REASON:
        if progress.abort:
            return conditions
        return conditions.put(PROGRESSING, UNKNOWN, RETRY_REASON, "Retrying Rollout after abort")
    if paused and reason != PAUSED_REASON:
        conditions = conditions.put(PROGRESSING, UNKNOWN, PAUSED_REASON, "Rollout is paused")
    if not paused and reason == PAUSED_REASON:
        conditions = conditions.put(PROGRESSING, UNKNOWN, RESUMED_REASON, "Rollout is resumed")
    if paused != conditions.holds(PAUSED):
        conditions = conditions.put(PAUSED, TRUE if paused else FALSE, PAUSED_REASON, "Rollout is paused")
    return conditions


def _healthy(look: Look, progress: Progress, pods: Counted) -> bool:
    """Tell whether the update is done and all pods, and no others, are there."""
    wanted = look.spec.replicas
    through = not look.steps or progress.step_index in (None, len(look.steps))
    promoted = bool(progress.stable_hash) and progress.stable_hash == progress.pod_hash
    whole = pods.updated == pods.available == pods.current == wanted
    return through and promoted and whole and look.status.raw.get("observedGeneration") == str(look.seen.generation)


def _health(conditions: Conditions, *, healthy: bool) -> Conditions:
    if healthy:
        return conditions.put(HEALTHY, TRUE, HEALTHY_REASON, "Rollout is healthy")
    if conditions.get(HEALTHY) is None:
        return conditions
    return conditions.put(HEALTHY, FALSE, HEALTHY_REASON, "Rollout is not healthy")


def _progressing(look: Look, progress: Progress, pods: Counted, conditions: Conditions, *, fell: bool) -> Conditions:
    if progress.abort:
        message = f"Rollout aborted update to revision {look.revision}"
        message = f"{message}: {progress.abort_message}" if progress.abort_message else message
        return conditions.put(PROGRESSING, FALSE, ABORTED_REASON, message)
    if _healthy(look, progress, pods):
        name = look.sets.new.name if look.sets.new else ""
        message = f'ReplicaSet "{name}" has successfully progressed.'
        return conditions.put(PROGRESSING, TRUE, SET_AVAILABLE_REASON, message)
    if _is_paused(look, progress):
        return conditions
    if fell and progress.stable_hash == progress.pod_hash:
        message = "Rollout does not have minimum availability"
        return conditions.refreshed(PROGRESSING, TRUE, SET_UNAVAILABLE_REASON, message)
    return _on_the_way(look, conditions, moved=fell or _moved(look, progress, pods))


def _on_the_way(look: Look, conditions: Conditions, *, moved: bool) -> Conditions:
    name = look.sets.new.name if look.sets.new else ""
    if moved:
        message = f'ReplicaSet "{name}" is progressing.' if name else f'Rollout "{look.seen.name}" is progressing.'
        return conditions.refreshed(PROGRESSING, TRUE, SET_UPDATED_REASON, message)
    if timed_out(look, conditions):
        return conditions.put(PROGRESSING, FALSE, TIMED_OUT_REASON, timed_out_message(look))
    if conditions.get(PROGRESSING) is None and name:
        return conditions.put(PROGRESSING, TRUE, FOUND_SET_REASON, f'Found new replica set "{name}"')
    return conditions


def timed_out_message(look: Look) -> str:
    """Return what a missed progress deadline is told as."""
    if look.sets.new:
        return f'ReplicaSet "{look.sets.new.name}" has timed out progressing.'
    return f'Rollout "{look.seen.name}" has timed out progressing.'


def _moved(look: Look, progress: Progress, pods: Counted) -> bool:
    """Tell whether there was progress since the status was written."""
    raw, old = look.status.raw, look.status
    updated, replicas = _count(raw, "updatedReplicas"), _count(raw, "replicas")
    return (
        pods.updated != updated
        or pods.current - pods.updated < replicas - updated
        or pods.ready > _count(raw, "readyReplicas")
        or pods.available > _count(raw, "availableReplicas")
        or progress.stable_hash != old.stable_hash
        or progress.steps_hash != old.steps_hash
        or (None not in (progress.step_index, old.step_index) and progress.step_index != old.step_index)
    )


def _count(raw: dict[str, object], key: str) -> int:
    value = raw.get(key)
    return value if isinstance(value, int) else 0


def deadline(look: Look, conditions: Conditions) -> datetime | None:
    """Return when lack of progress becomes a failure; None where it cannot: done, paused, aborted or measuring."""
    indefinite = look.step is not None and not isinstance(look.step, SetWeight)
    reason = conditions.reason(PROGRESSING)
    settled = reason in {SET_AVAILABLE_REASON, ABORTED_REASON, PAUSED_REASON, INVALID_SPEC}
    since = conditions.updated_at(PROGRESSING)
    if indefinite or settled or since is None or look.spec.paused or look.status.pauses or look.status.abort:
        return None
    return after(since, look.spec.progress_deadline)


def timed_out(look: Look, conditions: Conditions) -> bool:
    """Tell whether the progress deadline has passed."""
    due = deadline(look, conditions)
    return due is not None and (due <= look.now or conditions.reason(PROGRESSING) == TIMED_OUT_REASON)


def _availability(look: Look, pods: Counted, conditions: Conditions) -> Conditions:
    if pods.available >= look.spec.replicas:
        return conditions.put(AVAILABLE, TRUE, AVAILABLE_REASON, "Rollout has minimum availability")
    return conditions.put(AVAILABLE, FALSE, AVAILABLE_REASON, "Rollout does not have minimum availability")


def _replica_failure(look: Look, conditions: Conditions) -> Conditions:
    ordered = ([look.sets.new] if look.sets.new else []) + list(look.sets.all)
    failure = next((one.failure for one in ordered if one.failure), None)
    if failure is None:
        return conditions.without(REPLICA_FAILURE)
    reason, message = str(failure.get("reason") or ""), str(failure.get("message") or "")
    return conditions.put(REPLICA_FAILURE, str(failure.get("status") or TRUE), reason, message)


def _completed(progress: Progress, conditions: Conditions) -> Conditions:
    done = bool(progress.stable_hash) and progress.stable_hash == progress.pod_hash
    return conditions.put(COMPLETED, TRUE if done else FALSE, COMPLETED_REASON, COMPLETED_REASON)
