"""The one table of co-managed fields: what another controller moves by design (architecture §7).

The syncer leaves these fields out of its digests and takes their values from live when it applies; the analyzer writes
no others on objects that Git also describes. Without the table, self-heal destroys every canary (argo-rollouts #3437).

| object | fields | moved by |
|---|---|---|
| Service that a Rollout names | `spec.selector`, whole: selectors are atomic | the Rollout's controller |
| VirtualService that a Rollout names | weights of its routes; the managed routes | the Rollout's controller |
| DestinationRule that a Rollout names | the hash label of the canary and stable subsets | the Rollout's controller |
| target of a HorizontalPodAutoscaler | `spec.replicas` | the HPA's controller |
| Deployment that a Rollout refers to (`workloadRef`) | `spec.replicas` | the Rollout's controller |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wavegate.manifests.fields import Items, Path, take_from_live
from wavegate.manifests.identity import GroupKind, JsonObject, ObjectKey, group_kind_of, group_of, key_of

HASH_LABEL = "rollouts-pod-template-hash"
ROLLOUT = GroupKind("argoproj.io", "Rollout")
AUTOSCALER = GroupKind("autoscaling", "HorizontalPodAutoscaler")
CO_MANAGERS = (ROLLOUT, AUTOSCALER)
"""The kinds whose objects name other objects' fields as theirs."""

ISTIO = "networking.istio.io"
_SELECTOR: Path = ("spec", "selector")
_REPLICAS: Path = ("spec", "replicas")
_DESTINATION = ("destination.host", "destination.subset")

Claim = Callable[[Mapping[str, Any]], tuple[Path, ...]]
"""Given an object, the paths of it that somebody claims."""


@dataclass(frozen=True, slots=True)
class CoManagement:
    """Who claims fields of which objects."""

    claims: Mapping[ObjectKey, tuple[Claim, ...]] = field(default_factory=dict)


def co_management(managers: Iterable[Mapping[str, Any]]) -> CoManagement:
    """Gather what Rollouts and HorizontalPodAutoscalers claim; other objects are passed over."""
    claims: dict[ObjectKey, tuple[Claim, ...]] = {}
    for manager in managers:
        for key, claim in _claims(manager):
            claims[key] = (*claims.get(key, ()), claim)
    return CoManagement(claims)


def co_managed_paths(obj: Mapping[str, Any], context: CoManagement) -> tuple[Path, ...]:
    """Return the paths of `obj` that belong to another controller."""
    return tuple(path for claim in context.claims.get(key_of(obj), ()) for path in claim(obj))


def _claims(manager: Mapping[str, Any]) -> Iterator[tuple[ObjectKey, Claim]]:
    kind = group_kind_of(manager)
    if kind == ROLLOUT:
        yield from _rollout_claims(manager)
    elif kind == AUTOSCALER:
        yield from _autoscaler_claims(manager)


def _always(*paths: Path) -> Claim:
    return lambda _obj: paths


def _autoscaler_claims(autoscaler: Mapping[str, Any]) -> Iterator[tuple[ObjectKey, Claim]]:
    target = _map(autoscaler, "spec", "scaleTargetRef")
    if target.get("name"):
        yield _key(target, key_of(autoscaler).namespace), _always(_REPLICAS)


def _rollout_claims(rollout: Mapping[str, Any]) -> Iterator[tuple[ObjectKey, Claim]]:
    namespace = key_of(rollout).namespace
    workload = _map(rollout, "spec", "workloadRef")
    if workload.get("name"):
        yield _key(workload, namespace), _always(_REPLICAS)
    for name in _services(rollout):
        yield ObjectKey("", "Service", namespace, name), _always(_SELECTOR)
    routing = _map(rollout, "spec", "strategy", "canary", "trafficRouting")
    managed = frozenset(_names(routing.get("managedRoutes")))
    istio = _map(routing, "istio")
    for service in _virtual_services(istio):
        yield _istio_key("VirtualService", str(service["name"]), namespace), _virtual_service_claim(service, managed)
    rule = _map(istio, "destinationRule")
    if rule.get("name"):
        yield _istio_key("DestinationRule", str(rule["name"]), namespace), _subset_claim(rule)


def _services(rollout: Mapping[str, Any]) -> tuple[str, ...]:
    canary = _map(rollout, "spec", "strategy", "canary")
    ping_pong = _map(canary, "pingPong")
    blue_green = _map(rollout, "spec", "strategy", "blueGreen")
    named = (
        canary.get("canaryService"),
        canary.get("stableService"),
        ping_pong.get("pingService"),
        ping_pong.get("pongService"),
        blue_green.get("activeService"),
        blue_green.get("previewService"),
    )
    return tuple(str(name) for name in named if name)


def _virtual_services(istio: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    listed = istio.get("virtualServices")
    for service in (_map(istio, "virtualService"), *(listed if isinstance(listed, list) else ())):
        if isinstance(service, Mapping) and service.get("name"):
            yield service


def _virtual_service_claim(service: Mapping[str, Any], managed: frozenset[str]) -> Claim:
    named = frozenset(str(name) for name in service.get("routes") or ())

    def claim(obj: Mapping[str, Any]) -> tuple[Path, ...]:
        chosen = Items(names=named) if named else _unnamed_choice(obj, managed)
        paths = [_weights("http", chosen)]
        paths.extend(_weights(part, Items()) for part in ("tls", "tcp") if service.get(f"{part}Routes"))
        if managed:
            paths.append(("spec", "http", Items(names=managed)))
        return tuple(paths)

    return claim


def _unnamed_choice(obj: Mapping[str, Any], managed: frozenset[str]) -> Items:
    """Without names, Rollouts take the only route, or else the unnamed one (rollouts.md §2.6)."""
    http = _map(obj, "spec").get("http")
    own = [route for route in http or () if isinstance(route, Mapping) and route.get("name") not in managed]
    return Items(names=managed, others=True) if len(own) <= 1 else Items(names=frozenset({""}))


def _weights(part: str, routes: Items) -> Path:
    return ("spec", part, routes, "route", Items(identity=_DESTINATION), "weight")


def _subset_claim(rule: Mapping[str, Any]) -> Claim:
    subsets = frozenset(str(rule[name]) for name in ("canarySubsetName", "stableSubsetName") if rule.get(name))
    return _always(("spec", "subsets", Items(names=subsets, identity=("name",)), "labels", HASH_LABEL))


def _istio_key(kind: str, name: str, namespace: str) -> ObjectKey:
    """A VirtualService may be named `name.namespace`."""
    short, _, elsewhere = name.partition(".")
    return ObjectKey(ISTIO, kind, elsewhere or namespace, short)


def _key(reference: Mapping[str, Any], namespace: str) -> ObjectKey:
    group = group_of(str(reference.get("apiVersion") or ""))
    return ObjectKey(group, str(reference.get("kind") or ""), namespace, str(reference["name"]))


def _map(value: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    for key in keys:
        child = value.get(key)
        if not isinstance(child, Mapping):
            return {}
        value = child
    return value


def _names(elements: Any) -> tuple[str, ...]:
    listed = elements if isinstance(elements, list) else ()
    return tuple(str(element["name"]) for element in listed if isinstance(element, Mapping) and element.get("name"))


__all__ = [
    "CO_MANAGERS",
    "HASH_LABEL",
    "CoManagement",
    "JsonObject",
    "co_managed_paths",
    "co_management",
    "take_from_live",
]
