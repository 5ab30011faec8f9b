"""How many pods the canary and the stable ReplicaSet shall have (rollouts.md §2.2 and §2.3)."""

import math
from dataclasses import dataclass

from wavegate.rollout_analyzer.domain.replica_sets import ReplicaSet, Sets, total
from wavegate.rollout_analyzer.domain.rollout_spec import RolloutSpec


@dataclass(frozen=True, slots=True)
class Counts:
    """Pods of the canary and of the stable ReplicaSet."""

    canary: int
    stable: int


def counts(spec: RolloutSpec, weight: int, sets: Sets) -> Counts:
    """Return what both ReplicaSets shall have now, on the way to `weight` percent."""
    return routed_counts(spec, weight) if spec.canary.routed else basic_counts(spec, weight, sets)


def routed_counts(spec: RolloutSpec, weight: int) -> Counts:
    """With a traffic router the stable ReplicaSet stays whole; the canary gets its share, rounded up (§2.3)."""
    canary = math.ceil(weight * spec.replicas / 100)
    return Counts(max(canary, spec.canary.min_pods) if canary else 0, spec.replicas)


def basic_counts(spec: RolloutSpec, weight: int, sets: Sets) -> Counts:
    """Without a router the pods are the weight: the next step that maxSurge and maxUnavailable allow (§2.2)."""
    surge = spec.canary.max_surge
    stable_set = sets.stable_apart
    goal = closest_counts(spec.replicas, weight, surge) if stable_set else Counts(spec.replicas, 0)
    limit = spec.replicas + surge
    now = Counts(sets.new.replicas if sets.new else 0, stable_set.replicas if stable_set else 0)
    older = total(sets.others, "replicas")
    up = _scaled_up(now, goal, limit - now.canary - now.stable - older)
    if older > 0:
        return up
    return _scaled_down(up, goal, sets, limit, spec.replicas - spec.canary.max_unavailable)


def _scaled_up(now: Counts, goal: Counts, room: int) -> Counts:
    """Fill the room: the stable ReplicaSet first, then the canary."""
    stable_more = max(0, min(goal.stable - now.stable, room))
    canary_more = max(0, min(goal.canary - now.canary, room - stable_more))
    return Counts(now.canary + canary_more, now.stable + stable_more)


def _scaled_down(up: Counts, goal: Counts, sets: Sets, limit: int, least: int) -> Counts:
    """Drain one side as far as the other side's available pods allow."""
    new, stable = sets.new, sets.stable_apart
    rising = new is None or goal.canary >= new.replicas
    free = _counted(new, assume=not rising) + _counted(sets.stable, assume=rising) - least
    if free <= 0:
        return up
    if not rising:
        drained = _drained(new, goal.canary, free, up.canary)
        canary, kept = _within_limits(new, sets.stable, drained, up.stable, limit, least)
        return Counts(canary, kept)
    if stable is None:
        return up
    drained = _drained(stable, goal.stable, free, up.stable)
    kept, canary = _within_limits(stable, new, drained, up.canary, limit, least)
    return Counts(canary, kept)


def _counted(one: ReplicaSet | None, *, assume: bool) -> int:
    """Return the pods of a ReplicaSet to count on; `assume` takes those of the side being drained as available."""
    if one is None:
        return 0
    return one.replicas if assume or one.replicas < one.available else one.available


def _drained(one: ReplicaSet | None, goal: int, free: int, otherwise: int) -> int:
    if one is None or one.replicas <= goal:
        return otherwise
    return max(goal, one.replicas - free)


def _within_limits(
    draining: ReplicaSet | None, other: ReplicaSet | None, drained: int, kept: int, limit: int, least: int
) -> tuple[int, int]:
    """Return both counts, brought back under maxSurge without going below maxUnavailable."""
    if other is None:
        return drained, kept
    kept -= max(0, kept + drained - limit)
    available = min(draining.available, drained) if draining else 0
    lost = max(0, other.available - kept)
    missing = max(0, least - available - min(other.available, kept))
    kept += min(lost, missing)
    return drained - max(0, kept + drained - limit), kept


def closest_counts(replicas: int, weight: int, surge: int) -> Counts:
    """Return the pair whose canary share is closest to `weight` percent.

    Candidates are the share rounded up and down, of all pods or, with a surge, of one more. The first wins a tie; an
    exact half goes to the larger canary; between 1 and 99 % with more than one pod, neither side is left without any.
    """
    if replicas == 0:
        return Counts(0, 0)
    high, low = math.ceil(replicas * weight / 100), replicas * weight // 100
    may_be_empty = weight in {0, 100} or (replicas == 1 and surge == 0)
    options: list[tuple[int, int]] = []
    if high < replicas or may_be_empty:
        options.append((high, replicas))
    if not _tied(replicas, weight) and (low != 0 or may_be_empty):
        options.append((low, replicas))
    if surge > 0:
        options.append((high, replicas + 1))
        if not _tied(replicas + 1, weight) and (low != 0 or may_be_empty):
            options.append((low, replicas + 1))
    if not options:
        return Counts(0, replicas)
    canary, pods = min(options, key=lambda option: abs(option[0] * 100 / option[1] - weight))
    return Counts(canary, pods - canary)


def _tied(pods: int, weight: int) -> bool:
    return (pods * weight) % 100 == 50
