"""Scaling a Rollout's ReplicaSets: stable, new, then the others; one kind a look (rollouts.md §2.2, §2.3, §2.5)."""

from dataclasses import dataclass
from datetime import datetime

from wavegate.rollout_analyzer.domain.actions import Patch
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import DESIRED_REPLICAS, HASH_LABEL, SCALE_DOWN_DEADLINE, Json
from wavegate.rollout_analyzer.domain.observation import Look
from wavegate.rollout_analyzer.domain.replica_counts import counts
from wavegate.rollout_analyzer.domain.replica_sets import ReplicaSet, total
from wavegate.rollout_analyzer.domain.times import after, earliest, format_time
from wavegate.rollout_analyzer.domain.weighing import current_weight


@dataclass(frozen=True, slots=True)
class Scaling:
    """Patches to ReplicaSets, and when the next one is due."""

    patches: tuple[Patch, ...] = ()
    wake_at: datetime | None = None


def scaled(look: Look) -> Scaling:
    """Return how to scale now; the first group that changes ends the look, so that each is decided on fresh counts."""
    delayed = _delays_on_abort(look)
    kept = (None if delayed else look.sets.new, look.sets.stable_apart)
    cleared = tuple(_deadline(look, one, None) for one in kept if one is not None and one.deadline is not None)
    if cleared:
        return Scaling(cleared)
    stable = look.sets.stable_apart
    wanted = counts(look.spec, current_weight(look), look.sets)
    if stable is not None and (change := _resized(look, stable, wanted.stable)):
        return Scaling((change,))
    new = _delayed_new(look, wanted.canary) if delayed else _new(look, wanted.canary)
    others = _others(look) if not new.patches else Scaling()
    return Scaling(new.patches or others.patches, earliest(new.wake_at, others.wake_at))


def _resized(look: Look, one: ReplicaSet, wanted: int) -> Patch | None:
    if one.replicas == wanted and one.desired == look.spec.replicas:
        return None
    annotations: Json = {DESIRED_REPLICAS: str(look.spec.replicas)}
    if wanted == 0 and one.deadline is not None:
        annotations[SCALE_DOWN_DEADLINE] = None
    return _patch(look, one, {"metadata": {"annotations": annotations}, "spec": {"replicas": wanted}})


def _deadline(look: Look, one: ReplicaSet, at: datetime | None) -> Patch:
    return _patch(look, one, {"metadata": {"annotations": {SCALE_DOWN_DEADLINE: format_time(at) if at else None}}})


def _patch(look: Look, one: ReplicaSet, body: Json) -> Patch:
    return Patch("ReplicaSet", look.seen.namespace, one.name, one.version, body)


def _delays_on_abort(look: Look) -> bool:
    """Tell whether an aborted canary stays up for a while (§2.5): only with a router, and unless told otherwise."""
    return look.status.abort and look.spec.canary.routed and look.sets.stable_apart is not None


def _new(look: Look, wanted: int) -> Scaling:
    change = _resized(look, look.sets.new, wanted) if look.sets.new else None
    return Scaling((change,)) if change else Scaling()


def _delayed_new(look: Look, wanted: int) -> Scaling:
    """Scale an aborted canary down at its deadline, which is set once stable carries everything; 0 keeps it for ever."""
    new, delay = look.sets.new, look.spec.canary.abort_scale_down_delay
    if new is None or delay is None or new.replicas == 0:
        return Scaling()
    if new.deadline is None:
        if look.sets.stable is None or look.sets.stable.available < look.spec.replicas:
            return Scaling()
        return Scaling((_deadline(look, new, after(look.now, delay)),))
    if new.deadline > look.now:
        return Scaling(wake_at=new.deadline)
    return _new(look, min(wanted, 0))


def _others(look: Look) -> Scaling:
    """Scale down ReplicaSets that are neither new nor stable, as far as the available pods allow."""
    active = [one for one in look.sets.others if one.replicas > 0]
    unhealthy = [one for one in active if one.available < one.replicas and not _referenced(look, one)]
    if unhealthy:
        changes = (_resized(look, one, one.available) for one in unhealthy)
        return Scaling(tuple(change for change in changes if change))
    room = total(look.sets.all, "available") - (look.spec.replicas - look.spec.canary.max_unavailable)
    patches: list[Patch] = []
    wakes: list[datetime | None] = []
    delayed = 0
    for one in sorted(active, key=lambda each: each.revision, reverse=True):
        if _referenced(look, one) or room <= 0:
            continue
        if look.spec.canary.routed:
            change, wake, delayed = _routed_other(look, one, delayed)
            wakes.append(wake)
        else:
            change = _resized(look, one, max(0, one.replicas - room))
        if change is not None:
            patches.append(change)
            room -= one.replicas - change.body.get("spec", {}).get("replicas", one.replicas)
    return Scaling(tuple(patches), earliest(*wakes))


def _routed_other(look: Look, one: ReplicaSet, delayed: int) -> tuple[Patch | None, datetime | None, int]:
    """Keep what was stable until now up for the delay; drop an overtaken canary once the new one is up (§2.3)."""
    if not look.fully_promoted and one.deadline is None:
        ready = look.sets.new is not None and look.sets.new.fully_available
        return (_resized(look, one, 0) if ready else None), None, delayed
    limit, delay = look.spec.canary.scale_down_delay_revision_limit, look.spec.canary.scale_down_delay
    if limit is not None and delayed >= limit:
        return _resized(look, one, 0), None, delayed
    if one.deadline is None and delay > 0:
        return _deadline(look, one, after(look.now, delay)), None, delayed + 1
    if one.deadline is not None and one.deadline > look.now:
        return None, one.deadline, delayed + 1
    return _resized(look, one, 0), None, delayed


def _referenced(look: Look, one: ReplicaSet) -> bool:
    """Tell whether traffic may still reach a ReplicaSet: by the recorded weights or by a Service's selector."""
    weights = look.status.weights
    hashes = {weights.canary_hash, weights.stable_hash} if weights else set()
    for name in (look.spec.canary.canary_service, look.spec.canary.stable_service):
        hashes.add(str(mapping(look.seen.services.get(name), "spec", "selector").get(HASH_LABEL) or ""))
    return bool(one.pod_hash) and one.pod_hash in hashes
