from collections import Counter
from typing import Any

import pytest

from wavegate.demo.standins.model_server import HASH_KEY, Destination, ModelServer, destinations

STABLE, CANARY = "model-server-stable", "model-server-canary"


def virtual_service(canary: int) -> dict[str, Any]:
    routes = [
        {"destination": {"host": STABLE}, "weight": 100 - canary},
        {"destination": {"host": CANARY}, "weight": canary},
    ]
    return {"metadata": {"name": "model-server"}, "spec": {"http": [{"name": "primary", "route": routes}]}}


def service(name: str, revision: str = "") -> dict[str, Any]:
    selector = {"app": "model-server"} | ({HASH_KEY: revision} if revision else {})
    return {"metadata": {"name": name}, "spec": {"selector": selector}}


def workload(tag: str, revision: str = "") -> dict[str, Any]:
    containers = [{"name": "server", "image": f"registry.example.com:5000/fraud/model-server:{tag}"}]
    return {
        "metadata": {"name": f"model-server-{revision}", "labels": {HASH_KEY: revision}},
        "spec": {"template": {"spec": {"containers": containers}}},
    }


def found(tag: str, canary: int = 10) -> tuple[Destination, ...]:
    services = [service(STABLE, "old"), service(CANARY, "new")]
    return destinations(virtual_service(canary), services, workload(tag), [workload("v1", "old"), workload(tag, "new")])


def failures(server: ModelServer, requests: int) -> Counter[str]:
    answered = [server.predict() for _ in range(requests)]
    return Counter(each.destination.service for each in answered if each is not None and each.status != 200)


def test_requests_follow_weights_selectors_and_replica_sets() -> None:
    assert found("v2", canary=30) == (Destination(STABLE, "old", "v1", 70), Destination(CANARY, "new", "v2", 30))


def test_services_that_select_no_revision_serve_what_the_rollout_says() -> None:
    routed = destinations(virtual_service(0), [service(STABLE), service(CANARY)], workload("v1"), [])

    assert {each.tag for each in routed} == {"v1"}


@pytest.mark.parametrize("canary", [0, 10, 30, 50, 100])
def test_each_destination_gets_exactly_its_share(canary: int) -> None:
    server = ModelServer()
    server.route(found("v2", canary))
    answered = [server.predict() for _ in range(1000)]

    shares = Counter(each.destination.service for each in answered if each is not None)

    assert shares[CANARY] == canary * 10


def test_nothing_is_answered_while_nothing_is_served() -> None:
    assert ModelServer().predict() is None


def test_swapping_the_tags_swaps_the_outcomes() -> None:
    outcomes = {}
    for tag in ("v2", "v3"):
        server = ModelServer()
        server.route(found(tag, canary=50))
        outcomes[tag] = failures(server, 10_000)[CANARY]

    # Of 5,000 requests to the canary; failures occur at even distances, so the numbers are exact.
    assert outcomes == {"v2": 5, "v3": pytest.approx(450, abs=1)}


def test_the_outcome_depends_on_tag_and_weight_alone() -> None:
    def run() -> str:
        server = ModelServer()
        for canary in (0, 10, 30):
            server.route(found("v3", canary))
            failures(server, 777)
        return server.metrics()

    assert run() == run()


def test_counters_are_there_at_zero_before_the_first_request() -> None:
    server = ModelServer()
    server.route(found("v2"))

    assert f'model_requests_total{{service="{CANARY}",revision="new",tag="v2",code="503"}} 0' in server.metrics()


def test_counters_never_go_back_when_traffic_moves() -> None:
    server = ModelServer()
    server.route(found("v2", canary=100))
    failures(server, 100)
    server.route(found("v2", canary=0))

    assert f'{{service="{CANARY}",revision="new",tag="v2",code="200"}} 100' in server.metrics()
