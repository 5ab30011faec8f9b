"""Which Istio objects carry a Rollout's traffic, read from its spec."""

from dataclasses import dataclass

from wavegate.rollout_analyzer.domain.json_access import maps, only, section, text, texts
from wavegate.rollout_analyzer.domain.names import Json
from wavegate.rollout_analyzer.domain.problems import invalid, required

ROUTING = "spec.strategy.canary.trafficRouting"
PATH = f"{ROUTING}.istio"

_ROUTERS = {
    "nginx": "traffic routing by nginx",
    "alb": "traffic routing by ALB",
    "smi": "traffic routing by SMI",
    "ambassador": "traffic routing by Ambassador",
    "appMesh": "traffic routing by AppMesh",
    "traefik": "traffic routing by Traefik",
    "apisix": "traffic routing by APISIX",
    "plugins": "traffic routing by a plugin",
    "managedRoutes": "managed routes",
    "maxTrafficWeight": "maxTrafficWeight",
}


@dataclass(frozen=True, slots=True)
class VirtualServiceRef:
    """A VirtualService and its http routes that carry the traffic; none named means the only one. `path` is the field."""

    name: str
    namespace: str
    routes: tuple[str, ...]
    path: str


@dataclass(frozen=True, slots=True)
class SubsetsRef:
    """A DestinationRule and its two subsets."""

    rule: str
    canary: str
    stable: str


@dataclass(frozen=True, slots=True)
class Istio:
    """The Istio objects of a Rollout."""

    virtual_services: tuple[VirtualServiceRef, ...]
    subsets: SubsetsRef | None = None


def read_istio(canary: Json) -> Istio | None:
    """Read the traffic routing of a canary strategy; None when there is none.

    Raises:
        Unusable: It is invalid, or asks for another router.
    """
    routing = section(canary, "spec.strategy.canary", "trafficRouting")
    if routing is None:
        return None
    only(routing, ROUTING, ("istio",), _ROUTERS)
    istio = section(routing, ROUTING, "istio")
    if istio is None:
        return None
    only(istio, PATH, ("virtualService", "virtualServices", "destinationRule"))
    services = _services(istio)
    if not services:
        raise invalid(f"{PATH}.virtualService", "", "either VirtualService or VirtualServices must be configured")
    return Istio(services, _subsets(section(istio, PATH, "destinationRule")))


def _services(istio: Json) -> tuple[VirtualServiceRef, ...]:
    one, several = section(istio, PATH, "virtualService"), maps(istio, PATH, "virtualServices")
    if one is not None and several:
        raise invalid(f"{PATH}.virtualService", "", "either VirtualService or VirtualServices must be configured")
    if one is not None:
        return (_service(f"{PATH}.virtualService", one),)
    return tuple(_service(f"{PATH}.virtualServices", service) for service in several)


def _service(path: str, service: Json) -> VirtualServiceRef:
    only(
        service,
        path,
        ("name", "routes"),
        {"tlsRoutes": "weighting TLS routes", "tcpRoutes": "weighting TCP routes"},
    )
    name, _, namespace = text(service, path, "name").partition(".")
    if not name:
        raise required(f"{path}.name", "the VirtualService needs a name")
    return VirtualServiceRef(name, namespace, texts(service, path, "routes"), f"{path}.name")


def _subsets(rule: Json | None) -> SubsetsRef | None:
    if rule is None:
        return None
    path = f"{PATH}.destinationRule"
    only(rule, path, ("name", "canarySubsetName", "stableSubsetName"))
    name, canary, stable = (text(rule, path, key) for key in ("name", "canarySubsetName", "stableSubsetName"))
    if not (name and canary and stable):
        raise required(path, "name, canarySubsetName and stableSubsetName must be set")
    return SubsetsRef(name, canary, stable)
