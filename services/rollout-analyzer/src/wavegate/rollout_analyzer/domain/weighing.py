"""Which weight holds where: the weight of the current step, of the step before, and what the traffic may have now."""

from wavegate.rollout_analyzer.domain.observation import Look
from wavegate.rollout_analyzer.domain.replica_counts import counts
from wavegate.rollout_analyzer.domain.replica_sets import ReplicaSet, total
from wavegate.rollout_analyzer.domain.steps import SetWeight, Step

ALL = 100


def step_weight(steps: tuple[Step, ...], index: int) -> int:
    """Return the weight that holds at a step: the last setWeight up to it, 0 before the first."""
    weights = [step.weight for step in steps[: index + 1] if isinstance(step, SetWeight)]
    return weights[-1] if weights else 0


def current_weight(look: Look) -> int:
    """Return the weight that the current step wants (rollouts.md §2.2 and §2.3)."""
    if look.status.promote_full or look.first_deploy or look.fully_promoted:
        return ALL
    if look.status.abort:
        return 0
    return ALL if look.step is None else step_weight(look.steps, look.index)


def at_desired_counts(look: Look) -> bool:
    """Tell whether both ReplicaSets have the pods that the current step wants, the canary's available."""
    wanted = counts(look.spec, current_weight(look), look.sets)
    if not _available(look.sets.new, wanted.canary) or not _created(look.sets.stable, wanted.stable):
        return False
    return look.spec.canary.routed or total(look.sets.others, "available") == 0


def _available(one: ReplicaSet | None, wanted: int) -> bool:
    return one is not None and one.replicas == wanted == one.available


def _created(one: ReplicaSet | None, wanted: int) -> bool:
    return one is not None and one.replicas == wanted == one.current


def traffic_weight(look: Look) -> int:
    """Return the share that the router may send to the canary now: never ahead of its pods (rollouts.md §2.3)."""
    new = look.sets.new
    if look.fully_promoted or look.status.abort or new is None or new.available == 0:
        return 0
    if look.status.promote_full:
        return look.status.weights.canary if look.status.weights else 0
    if not look.steps:
        return 0
    if not at_desired_counts(look):
        return step_weight(look.steps, look.index - 1) if look.index else 0
    return current_weight(look)
