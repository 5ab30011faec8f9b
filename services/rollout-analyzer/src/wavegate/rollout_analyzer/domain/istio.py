"""Weights in VirtualServices and hashes in DestinationRules (rollouts.md §2.6)."""

import copy
from typing import Any

from wavegate.rollout_analyzer.domain.istio_spec import SubsetsRef, VirtualServiceRef
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import HASH_LABEL, MANAGED_BY, Json
from wavegate.rollout_analyzer.domain.rollout_spec import Canary

ALL = 100
_AMBIGUOUS = (
    "spec.http[] should be set in VirtualService and it must have exactly one route when omitting "
    "spec.strategy.canary.trafficRouting.istio.virtualService.routes"
)


class RouteTrouble(Exception):
    """A VirtualService has no route that could carry the weights; the text is Argo's."""


def route_indexes(live: Json, reference: VirtualServiceRef, canary: Canary) -> tuple[int, ...]:
    """Return the indexes of the http routes that carry the weights.

    Raises:
        RouteTrouble: A named route is missing, the choice is ambiguous, or a route lacks one of the destinations.
    """
    routes = http_routes(live)
    indexes = _named(routes, reference.routes) if reference.routes else _inferred(routes)
    for index in indexes:
        _check_destinations(routes[index], canary)
    return indexes


def http_routes(live: Json) -> list[Json]:
    """Return the http routes of a VirtualService.

    Raises:
        RouteTrouble: It has none.
    """
    routes = mapping(live, "spec").get("http")
    if not isinstance(routes, list) or not routes or not all(isinstance(one, dict) for one in routes):
        raise RouteTrouble("Unable to get any of the HTTP, TCP or TLS routes for the Istio VirtualService")
    return routes


def _named(routes: list[Json], names: tuple[str, ...]) -> tuple[int, ...]:
    by_name = {route.get("name"): index for index, route in reversed(list(enumerate(routes)))}
    for name in names:
        if name not in by_name:
            raise RouteTrouble(f"HTTP Route '{name}' is not found in the defined Virtual Service.")
    return tuple(by_name[name] for name in names)


def _inferred(routes: list[Json]) -> tuple[int, ...]:
    if len(routes) > 1:
        raise RouteTrouble(_AMBIGUOUS)
    return (0,)


def _check_destinations(route: Json, canary: Canary) -> None:
    parts = {part_of(destination, canary) for destination in destinations(route)}
    if "stable" not in parts:
        raise RouteTrouble(_lacks("Stable", canary.stable_service))
    if "canary" not in parts:
        raise RouteTrouble(_lacks("Canary", canary.canary_service))


def _lacks(part: str, service: str) -> str:
    if service:
        return f"{part} Service '{service}' not found in route"
    return f"{part} DestinationRule subset not found in route"


def destinations(route: Json) -> list[Json]:
    """Return the weighted destinations of a route."""
    listed = route.get("route")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []


def part_of(destination: Json, canary: Canary) -> str:
    """Tell whether a destination is the `canary`, the `stable` or another (empty): by host or by subset."""
    host = str(mapping(destination, "destination").get("host") or "").split(".", 1)[0]
    subset = mapping(destination, "destination").get("subset")
    subsets = canary.istio.subsets if canary.istio else None
    if (host and host == canary.canary_service) or (subsets and subset == subsets.canary):
        return "canary"
    if (host and host == canary.stable_service) or (subsets and subset == subsets.stable):
        return "stable"
    return ""


def weighted(live: Json, reference: VirtualServiceRef, canary: Canary, weight: int) -> list[Json] | None:
    """Return the http routes with the canary at `weight` percent; None when they already say so.

    Destinations that are neither canary nor stable get no traffic. Argo drops them if they have a weight; here the weight
    goes and they stay, since only weights are ours to move on an object that Git describes (architecture §7).

    Raises:
        RouteTrouble: There is no route for it.
    """
    indexes = route_indexes(live, reference, canary)
    routes = copy.deepcopy(http_routes(live))
    for index in indexes:
        routes[index]["route"] = [_weighted(one, canary, weight) for one in destinations(routes[index])]
    return None if routes == http_routes(live) else routes


def _weighted(destination: Json, canary: Canary, weight: int) -> Json:
    wanted = {"canary": weight, "stable": ALL - weight}.get(part_of(destination, canary), 0)
    return destination if _weight(destination) == wanted else {**destination, "weight": wanted}


def canary_weight(live: Json, reference: VirtualServiceRef, canary: Canary) -> int | None:
    """Return the canary's share that a VirtualService gives now, None where it cannot be told."""
    try:
        index = route_indexes(live, reference, canary)[0]
    except RouteTrouble:
        return None
    weights = [_weight(one) for one in destinations(http_routes(live)[index]) if part_of(one, canary) == "canary"]
    return sum(weights)


def _weight(destination: Json) -> int:
    value: Any = destination.get("weight")
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def subset_trouble(rule: Json | None, subsets: SubsetsRef) -> str:
    """Return what is wrong with a DestinationRule, empty when nothing is."""
    if rule is None:
        return f'destinationrules.networking.istio.io "{subsets.rule}" not found'
    names = {one.get("name") for one in _subsets(rule)}
    for name in (subsets.canary, subsets.stable):
        if name not in names:
            return f'Istio DestinationRule has no subset "{name}"'
    return ""


def hashed_rule(rule: Json, subsets: SubsetsRef, rollout: str, canary_hash: str, stable_hash: str) -> Json | None:
    """Return the merge patch that puts the hashes on a DestinationRule's subsets; None when they are there.

    Other subsets stay as they are. Argo drops them; they are not ours (architecture §7).
    """
    hashes = {subsets.canary: canary_hash, subsets.stable: stable_hash}
    wanted = [_hashed(one, hashes[one["name"]]) if one.get("name") in hashes else one for one in _subsets(rule)]
    annotated = mapping(rule, "metadata", "annotations").get(MANAGED_BY) == rollout
    if annotated and wanted == mapping(rule, "spec").get("subsets"):
        return None
    return {"metadata": {"annotations": {MANAGED_BY: rollout}}, "spec": {"subsets": wanted}}


def _hashed(subset: Json, pod_hash: str) -> Json:
    labels = {key: value for key, value in mapping(subset, "labels").items() if key != HASH_LABEL}
    return {**subset, "labels": {**labels, HASH_LABEL: pod_hash} if pod_hash else labels}


def _subsets(rule: Json) -> list[Json]:
    listed = mapping(rule, "spec").get("subsets")
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
