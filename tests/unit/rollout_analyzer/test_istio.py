"""Weights in VirtualServices, hashes in DestinationRules (rollouts.md §2.6)."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.manifests.comanaged import co_managed_paths, co_management, take_from_live
from wavegate.rollout_analyzer.domain.istio import RouteTrouble, canary_weight, hashed_rule, subset_trouble, weighted
from wavegate.rollout_analyzer.domain.istio_spec import Istio, SubsetsRef, VirtualServiceRef
from wavegate.rollout_analyzer.domain.rollout_spec import Canary

SUBSETS = SubsetsRef("rule", "new", "old")
ANY = VirtualServiceRef("web", "", (), "path")
BY_HOST = Canary((), "canary", "stable", Istio((ANY,)))
BY_SUBSET = Canary((), "", "", Istio((ANY,), SUBSETS))


def route(*destinations: tuple[str, int], name: str = "") -> dict[str, Any]:
    listed = [{"destination": {"host": host}, "weight": weight} for host, weight in destinations]
    return {"route": listed} | ({"name": name} if name else {})


def live(*routes: dict[str, Any]) -> dict[str, Any]:
    return {"spec": {"http": list(routes)}}


def weights(routes: list[dict[str, Any]] | None) -> list[dict[str, int]]:
    return [{one["destination"]["host"]: one["weight"] for one in r["route"]} for r in routes or []]


def test_the_only_route_gets_both_weights() -> None:
    service = live(route(("stable", 100), ("canary", 0)))
    before = copy.deepcopy(service)
    changed = weighted(service, ANY, BY_HOST, 10)
    assert weights(changed) == [{"stable": 90, "canary": 10}]
    assert service == before
    assert canary_weight(live(*changed or []), ANY, BY_HOST) == 10
    assert weighted(live(*changed or []), ANY, BY_HOST, 10) is None


def test_hosts_are_compared_by_their_first_label() -> None:
    service = live(route(("stable.default.svc.cluster.local", 100), ("canary.default", 0)))
    assert weights(weighted(service, ANY, BY_HOST, 30)) == [
        {"stable.default.svc.cluster.local": 70, "canary.default": 30}
    ]


def test_named_routes_change_and_others_stay() -> None:
    service = live(
        route(("stable", 100), ("canary", 0), name="primary"),
        route(("stable", 100), ("canary", 0), name="other"),
    )
    reference = VirtualServiceRef("web", "", ("primary",), "path")
    assert weights(weighted(service, reference, BY_HOST, 50)) == [
        {"stable": 50, "canary": 50},
        {"stable": 100, "canary": 0},
    ]


@pytest.mark.parametrize(
    ("service", "routes", "text"),
    [
        (live(), (), "Unable to get any of the HTTP, TCP or TLS routes"),
        ({}, (), "Unable to get any of the HTTP, TCP or TLS routes"),
        (live(route(("stable", 1), ("canary", 1)), route(("stable", 1))), (), "must have exactly one route"),
        (live(route(("stable", 1), ("canary", 1))), ("x",), "HTTP Route 'x' is not found"),
        (live(route(("canary", 1))), (), "Stable Service 'stable' not found in route"),
        (live(route(("stable", 1))), (), "Canary Service 'canary' not found in route"),
    ],
)
def test_routes_that_cannot_carry_the_weights_are_named(
    service: dict[str, Any], routes: tuple[str, ...], text: str
) -> None:
    with pytest.raises(RouteTrouble, match=text):
        weighted(service, VirtualServiceRef("web", "", routes, "path"), BY_HOST, 10)


def test_strangers_lose_their_traffic_and_stay() -> None:
    service = live(route(("stable", 80), ("canary", 0), ("old-experiment", 20), ("idle", 0)))
    assert weights(weighted(service, ANY, BY_HOST, 10)) == [
        {"stable": 90, "canary": 10, "old-experiment": 0, "idle": 0}
    ]


@given(st.lists(st.tuples(st.sampled_from(["a", "b.c", "d"]), st.integers(0, 100)), max_size=4), st.integers(0, 100))
def test_nothing_but_co_managed_fields_changes(strangers: list[tuple[str, int]], weight: int) -> None:
    service = {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "web", "namespace": "x"},
        **live(route(("stable", 100), ("canary", 0), *dict(strangers).items(), name="primary")),
    }
    istio = {"virtualService": {"name": "web", "routes": ["primary"]}}
    canary = {"stableService": "stable", "canaryService": "canary", "trafficRouting": {"istio": istio}}
    rollout = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": "web", "namespace": "x"},
        "spec": {"strategy": {"canary": canary}},
    }
    changed = weighted(service, ANY, BY_HOST, weight)
    after = {**service, "spec": {"http": changed}} if changed is not None else service
    paths = co_managed_paths(service, co_management([rollout]))
    assert take_from_live(after, service, paths) == service


def test_subsets_are_told_apart() -> None:
    listed = [
        {"destination": {"host": "web", "subset": "old"}, "weight": 100},
        {"destination": {"host": "web", "subset": "new"}, "weight": 0},
    ]
    changed = weighted(live({"route": listed}), ANY, BY_SUBSET, 20)
    assert [one["weight"] for one in (changed or [])[0]["route"]] == [80, 20]


@pytest.mark.shows("Rollout: Istio DestinationRule subsets", "works")
def test_hashes_are_put_on_the_subsets_and_others_stay() -> None:
    rule = {
        "spec": {
            "subsets": [
                {"name": "old", "labels": {"app": "web"}, "trafficPolicy": {"x": 1}},
                {"name": "new"},
                {"name": "unknown"},
            ]
        }
    }
    patch = hashed_rule(rule, SUBSETS, "web", "n", "s")
    assert patch == {
        "metadata": {"annotations": {"argo-rollouts.argoproj.io/managed-by-rollouts": "web"}},
        "spec": {
            "subsets": [
                {"name": "old", "labels": {"app": "web", "rollouts-pod-template-hash": "s"}, "trafficPolicy": {"x": 1}},
                {"name": "new", "labels": {"rollouts-pod-template-hash": "n"}},
                {"name": "unknown"},
            ]
        },
    }
    assert hashed_rule(patch, SUBSETS, "web", "n", "s") is None
    assert "not found" in subset_trouble(None, SUBSETS)
    assert (
        subset_trouble({"spec": {"subsets": [{"name": "old"}]}}, SUBSETS) == 'Istio DestinationRule has no subset "new"'
    )
