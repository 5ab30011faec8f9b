"""The one table of co-managed fields, row by row."""

from typing import Any

from wavegate.manifests.comanaged import co_managed_paths, co_management, take_from_live
from wavegate.manifests.fields import spelled, without


def rollout(routing: dict[str, Any] | None = None, **canary: Any) -> dict[str, Any]:
    strategy = {"canaryService": "canary", "stableService": "stable", **canary}
    if routing is not None:
        strategy["trafficRouting"] = routing
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": "model", "namespace": "prod"},
        "spec": {"strategy": {"canary": strategy}},
    }


def hpa(kind: str, api: str) -> dict[str, Any]:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "h", "namespace": "prod"},
        "spec": {"scaleTargetRef": {"apiVersion": api, "kind": kind, "name": "model"}},
    }


def obj(kind: str, name: str, api: str = "v1", **spec: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "prod"}, "spec": spec}


ISTIO = "networking.istio.io/v1"
ROUTED = {"istio": {"virtualService": {"name": "vs", "routes": ["primary"]}}, "managedRoutes": [{"name": "header"}]}


def paths(managers: list[dict[str, Any]], target: dict[str, Any]) -> list[str]:
    return [spelled(path) for path in co_managed_paths(target, co_management(managers))]


def test_the_selector_of_a_service_that_a_rollout_names_is_taken_whole() -> None:
    assert paths([rollout()], obj("Service", "canary")) == ["spec.selector"]
    assert paths([rollout()], obj("Service", "stable")) == ["spec.selector"]
    assert paths([rollout()], obj("Service", "other")) == []
    assert paths([], obj("Service", "canary")) == []


def test_blue_green_and_ping_pong_services_count_too() -> None:
    ping = rollout(pingPong={"pingService": "ping", "pongService": "pong"})
    blue = {**rollout(), "spec": {"strategy": {"blueGreen": {"activeService": "live", "previewService": "next"}}}}

    for name in ("ping", "pong"):
        assert paths([ping], obj("Service", name)) == ["spec.selector"]
    for name in ("live", "next"):
        assert paths([blue], obj("Service", name)) == ["spec.selector"]


def test_a_service_of_another_namespace_is_nobodys() -> None:
    elsewhere = {**obj("Service", "canary"), "metadata": {"name": "canary", "namespace": "dev"}}

    assert paths([rollout()], elsewhere) == []


def test_weights_of_the_named_route_and_managed_routes_are_the_rollouts() -> None:
    service = obj("VirtualService", "vs", ISTIO, http=[{"name": "primary"}, {"name": "other"}])

    assert paths([rollout(ROUTED)], service) == ["spec.http[primary].route[*].weight", "spec.http[header]"]


def test_without_names_the_only_route_is_meant_or_the_unnamed_one() -> None:
    unnamed = {"istio": {"virtualService": {"name": "vs.mesh"}}}

    def service(*http: dict[str, Any]) -> dict[str, Any]:
        made = obj("VirtualService", "vs", ISTIO, http=list(http))
        return {**made, "metadata": {"name": "vs", "namespace": "mesh"}}

    assert paths([rollout(unnamed)], service({"name": "only"})) == ["spec.http[!].route[*].weight"]
    assert paths([rollout(unnamed)], service({"name": "a"}, {})) == ["spec.http[].route[*].weight"]


def test_replicas_belong_to_the_autoscaler_of_any_target() -> None:
    assert paths([hpa("Deployment", "apps/v1")], obj("Deployment", "model", "apps/v1")) == ["spec.replicas"]
    assert paths([hpa("Rollout", "argoproj.io/v1alpha1")], rollout()) == ["spec.replicas"]
    assert paths([hpa("Deployment", "apps/v1")], obj("StatefulSet", "model", "apps/v1")) == []


def test_replicas_of_a_deployment_that_a_rollout_refers_to_are_the_rollouts() -> None:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "old"}
    refers = {**rollout(), "spec": {"workloadRef": reference}}

    assert paths([refers], obj("Deployment", "old", "apps/v1")) == ["spec.replicas"]


def test_subset_labels_are_the_rollouts() -> None:
    rule = {"name": "dr", "canarySubsetName": "canary", "stableSubsetName": "stable"}
    routing = {"istio": {"destinationRule": rule}}

    assert paths([rollout(routing)], obj("DestinationRule", "dr", ISTIO)) == [
        "spec.subsets[canary,stable].labels.rollouts-pod-template-hash"
    ]


def route(host: str, weight: int | None = None, subset: str | None = None) -> dict[str, Any]:
    destination = {"host": host, **({"subset": subset} if subset else {})}
    return {"destination": destination, **({"weight": weight} if weight is not None else {})}


def test_a_new_route_from_git_meets_the_weights_that_live() -> None:
    """Destinations are found by host and subset, not by place; managed routes stay where they live."""
    desired = obj(
        "VirtualService",
        "vs",
        ISTIO,
        http=[
            {"name": "primary", "timeout": "5s", "route": [route("canary", 0), route("stable", 100)]},
            {"name": "new"},
        ],
    )
    live = obj(
        "VirtualService",
        "vs",
        ISTIO,
        http=[
            {"name": "header", "match": []},
            {"name": "primary", "route": [route("stable", 70), route("canary", 30)]},
        ],
    )
    context = co_management([rollout(ROUTED)])

    taken = take_from_live(desired, live, co_managed_paths(desired, context))

    assert taken["spec"]["http"] == [
        {"name": "header", "match": []},
        {"name": "primary", "timeout": "5s", "route": [route("canary", 30), route("stable", 70)]},
        {"name": "new"},
    ]


def test_what_live_lacks_is_not_written() -> None:
    desired = obj("Deployment", "model", "apps/v1", replicas=3, paused=False)

    taken = take_from_live(desired, obj("Deployment", "model", "apps/v1"), [("spec", "replicas")])

    assert taken["spec"] == {"paused": False}


def test_leaving_out_copies_and_keeps_the_rest() -> None:
    desired = obj(
        "VirtualService", "vs", ISTIO, http=[{"name": "primary", "route": [route("a", 1)]}, {"name": "header"}]
    )
    context = co_management([rollout(ROUTED)])

    left = without(desired, co_managed_paths(desired, context))

    assert left["spec"]["http"] == [{"name": "primary", "route": [route("a")]}]
    assert desired["spec"]["http"][0]["route"] == [route("a", 1)]
