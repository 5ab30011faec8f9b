"""The stable and canary Services: which ReplicaSet each selects (rollouts.md §2.5 and architecture §7)."""

from wavegate.rollout_analyzer.domain.actions import Patch
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import HASH_LABEL, MANAGED_BY
from wavegate.rollout_analyzer.domain.observation import Look
from wavegate.rollout_analyzer.domain.replica_sets import ReplicaSet


def switched_services(look: Look, *, aborted: bool) -> tuple[Patch, ...]:
    """Return the switches to make now. A Service moves only to pods that are all available, except back to stable."""
    canary = look.spec.canary
    switches = [_switch(look, canary.stable_service, look.sets.stable, checked=True)]
    if aborted:
        switches.append(_switch(look, canary.canary_service, look.sets.stable, checked=False))
    else:
        switches.append(_switch(look, canary.canary_service, look.sets.new, checked=True))
    return tuple(one for one in switches if one is not None)


def stable_service_waits(look: Look) -> bool:
    """Tell whether the stable Service still selects other pods than the stable ReplicaSet's.

    The weight stays until it does not: else promoting would send all traffic to the pods of before.
    """
    service = look.seen.services.get(look.spec.canary.stable_service)
    selected = mapping(service, "spec", "selector").get(HASH_LABEL)
    if service is None or look.sets.stable is None or selected in (None, look.sets.stable.pod_hash):
        return False
    return not look.sets.stable.fully_available


def _switch(look: Look, name: str, target: ReplicaSet | None, *, checked: bool) -> Patch | None:
    service = look.seen.services.get(name)
    if target is None or service is None:
        return None
    selected = mapping(service, "spec", "selector").get(HASH_LABEL)
    owned = mapping(service, "metadata", "annotations").get(MANAGED_BY) == look.seen.name
    if selected == target.pod_hash and owned:
        return None
    if selected != target.pod_hash and checked and not target.fully_available:
        return None
    body = {
        "metadata": {"annotations": {MANAGED_BY: look.seen.name}},
        "spec": {"selector": {HASH_LABEL: target.pod_hash}},
    }
    version = str(mapping(service, "metadata").get("resourceVersion", ""))
    return Patch("Service", look.seen.namespace, name, version, body)
