"""The router's objects: VirtualService weights and DestinationRule hashes, and what the status says of them."""

from dataclasses import dataclass

from wavegate.rollout_analyzer.domain.actions import Patch
from wavegate.rollout_analyzer.domain.istio import ALL, canary_weight, hashed_rule, weighted
from wavegate.rollout_analyzer.domain.istio_spec import Istio, SubsetsRef, VirtualServiceRef
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.observation import Look
from wavegate.rollout_analyzer.domain.references import key_of
from wavegate.rollout_analyzer.domain.rollout_status import Weights
from wavegate.rollout_analyzer.domain.services import stable_service_waits
from wavegate.rollout_analyzer.domain.weighing import traffic_weight


@dataclass(frozen=True, slots=True)
class Traffic:
    """Patches to the router's objects, and the weights once they are made; None without a router."""

    patches: tuple[Patch, ...] = ()
    weights: Weights | None = None


def routed_traffic(look: Look) -> Traffic:
    """Return how the traffic is to be routed now."""
    istio = look.spec.canary.istio
    if istio is None:
        return Traffic()
    held = look.fully_promoted and look.status.weights is not None and stable_service_waits(look)
    if held:
        return Traffic(weights=look.status.weights)
    weight = traffic_weight(look)
    return Traffic((*_rule(look, istio.subsets), *_services(look, istio, weight)), _weights(look, weight))


def _weights(look: Look, weight: int) -> Weights:
    new, stable, canary = look.sets.new, look.sets.stable, look.spec.canary
    return Weights(
        canary=weight,
        stable=ALL - weight,
        canary_hash=new.pod_hash if new else "",
        stable_hash=stable.pod_hash if stable else "",
        canary_service=canary.canary_service,
        stable_service=canary.stable_service,
    )


def _services(look: Look, istio: Istio, weight: int) -> tuple[Patch, ...]:
    patches = (_service(look, reference, weight) for reference in istio.virtual_services)
    return tuple(patch for patch in patches if patch is not None)


def _service(look: Look, reference: VirtualServiceRef, weight: int) -> Patch | None:
    live = look.seen.virtual_services.get(key_of(reference, look.seen.namespace))
    routes = weighted(live, reference, look.spec.canary, weight) if live is not None else None
    if routes is None:
        return None
    namespace = reference.namespace or look.seen.namespace
    version = str(mapping(live, "metadata").get("resourceVersion", ""))
    return Patch("VirtualService", namespace, reference.name, version, {"spec": {"http": routes}})


def _rule(look: Look, subsets: SubsetsRef | None) -> tuple[Patch, ...]:
    rule = look.seen.destination_rules.get(subsets.rule) if subsets else None
    if rule is None or subsets is None:
        return ()
    new, stable = look.sets.new, look.sets.stable
    body = hashed_rule(rule, subsets, look.seen.name, new.pod_hash if new else "", stable.pod_hash if stable else "")
    if body is None:
        return ()
    version = str(mapping(rule, "metadata").get("resourceVersion", ""))
    return (Patch("DestinationRule", look.seen.namespace, subsets.rule, version, body),)


def observed_weight(look: Look) -> int | None:
    """Return the canary's share as the first VirtualService says it now; None without a router."""
    istio = look.spec.canary.istio
    if istio is None:
        return None
    reference = istio.virtual_services[0]
    live = look.seen.virtual_services.get(key_of(reference, look.seen.namespace))
    return canary_weight(live, reference, look.spec.canary) if live is not None else None


def route_name(look: Look) -> str:
    """Return how events name what carries the weight."""
    istio = look.spec.canary.istio
    return f"VirtualService/{istio.virtual_services[0].name}" if istio else ""
