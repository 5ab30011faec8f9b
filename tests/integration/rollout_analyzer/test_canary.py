"""Canaries on a real API server: what the analyzer writes is accepted, kept, and enough to go on from."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from prometheus_server import vector

pytestmark = pytest.mark.integration

ARGO = "argoproj.io/v1alpha1"
HASH = "rollouts-pod-template-hash"


def template(image: str) -> dict[str, Any]:
    return {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "app", "image": image, "resources": {"requests": {"cpu": "0.5"}}}]},
    }


async def deploy(place: Any, steps: list[dict[str, Any]], replicas: int = 4, reaches: str = "Healthy") -> None:
    """Deploy image `app:1` for the first time and wait until the Rollout reaches a phase."""
    for name in ("stable", "canary"):
        await place.create("v1", "Service", name, spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
    route = [{"destination": {"host": "stable"}, "weight": 100}, {"destination": {"host": "canary"}, "weight": 0}]
    await place.create(
        "networking.istio.io/v1", "VirtualService", "web", spec={"hosts": ["web"], "http": [{"route": route}]}
    )
    canary = {
        "stableService": "stable",
        "canaryService": "canary",
        "scaleDownDelaySeconds": 2,
        "trafficRouting": {"istio": {"virtualService": {"name": "web"}}},
        "steps": steps,
    }
    selector = {"matchLabels": {"app": "web"}}
    spec = {"replicas": replicas, "selector": selector, "template": template("app:1"), "strategy": {"canary": canary}}
    await place.create(ARGO, "Rollout", "web", spec=spec)
    await place.until(lambda: phase(place) == reaches)


async def analysis_template(place: Any, **metric: Any) -> None:
    one = {
        "name": "success",
        "interval": "1s",
        "count": 3,
        "failureLimit": 1,
        "successCondition": "result[0] >= 0.99",
        "provider": {"prometheus": {"query": 'rate{revision="{{ args.revision }}"}'}},
        **metric,
    }
    await place.create(ARGO, "AnalysisTemplate", "good", spec={"args": [{"name": "revision"}], "metrics": [one]})


def analysis() -> dict[str, Any]:
    args = [{"name": "revision", "valueFrom": {"podTemplateHashValue": "Latest"}}]
    return {"analysis": {"templates": [{"templateName": "good"}], "args": args}}


async def release(place: Any, image: str) -> None:
    await place.patch("Rollout", "web", {"spec": {"template": template(image)}})


def status(place: Any) -> dict[str, Any]:
    return place.get("Rollout", "web").get("status", {})


def phase(place: Any) -> str:
    return status(place).get("phase", "")


def weight(place: Any) -> int:
    routes = place.get("VirtualService", "web")["spec"]["http"][0]["route"]
    return next(one["weight"] for one in routes if one["destination"]["host"] == "canary")


def selected(place: Any, service: str) -> str:
    return place.get("Service", service)["spec"]["selector"].get(HASH, "")


@pytest.mark.shows(
    "Rollout: canary with setWeight, pause, stable and canary Services, Istio VirtualService weights", "works"
)
async def test_a_canary_goes_through_its_steps_to_the_end(place: Any) -> None:
    await deploy(place, [{"setWeight": 25}, {"pause": {}}, {"setWeight": 75}, {"pause": {"duration": "1s"}}])
    first = status(place)["stableRS"]
    assert place.get("ReplicaSet", f"web-{first}")["metadata"]["labels"] == {"app": "web", HASH: first}
    await release(place, "app:2")
    await place.until(lambda: phase(place) == "Paused")
    assert (weight(place), status(place)["message"]) == (25, "CanaryPauseStep")
    assert selected(place, "canary") == status(place)["currentPodHash"] != first == selected(place, "stable")
    # `kubectl argo rollouts promote` is this patch.
    await place.patch("Rollout", "web", {"status": {"pauseConditions": None}}, "status")
    await place.until(lambda: status(place).get("stableRS") != first and phase(place) == "Healthy")
    await place.until(lambda: place.get("ReplicaSet", f"web-{first}")["spec"]["replicas"] == 0)
    assert weight(place) == 0
    assert selected(place, "stable") == status(place)["stableRS"]
    assert place.get("Rollout", "web")["metadata"]["annotations"]["rollout.argoproj.io/revision"] == "2"
    await place.until(lambda: place.events().count("RolloutPromoted") == 2)
    assert place.events().count("WeightSet") == 4


@pytest.mark.shows("AnalysisRun with Prometheus: interval, count, conditions, limits, args", "works")
async def test_measurements_decide(place: Any) -> None:
    await analysis_template(place)
    await deploy(place, [{"setWeight": 25}, analysis()])
    stable = status(place)["stableRS"]
    place.prometheus.answer = lambda _: (200, vector(0.91))
    await release(place, "app:2")
    await place.until(lambda: phase(place) == "Degraded")
    assert status(place)["message"].endswith("assessed Failed due to failed (2) > failureLimit (1)")
    await place.until(lambda: weight(place) == 0 and selected(place, "canary") == stable)
    run = place.items("AnalysisRun")[0]
    assert run["status"]["phase"] == "Failed"
    assert [one["value"] for one in run["status"]["metricResults"][0]["measurements"]] == ["[0.91]", "[0.91]"]
    assert place.prometheus.queries[0] == f'rate{{revision="{status(place)["currentPodHash"]}"}}'
    place.prometheus.answer = lambda _: (200, vector(0.995))
    await release(place, "app:3")
    await place.until(lambda: phase(place) == "Healthy" and status(place)["stableRS"] != stable)
    await place.until(lambda: place.events().count("RolloutPromoted") == 2)
    assert place.events().count("MeasurementTaken") == 5


@pytest.mark.shows(
    "Empty or NaN metrics never promote", "works", "Inconclusive, where Argo Rollouts may say Successful"
)
async def test_no_data_pauses_and_an_unreachable_prometheus_aborts(place: Any) -> None:
    await analysis_template(place, successCondition=None, failureCondition="len(result) > 0 && result[0] > 0.05")
    await deploy(place, [{"setWeight": 25}, analysis()])
    place.prometheus.answer = lambda _: (200, vector())
    await release(place, "app:2")
    await place.until(lambda: phase(place) == "Paused")
    assert status(place)["message"] == "InconclusiveAnalysisRun"
    assert "MetricEmpty" in place.items("AnalysisRun")[0]["status"]["metricResults"][0]["message"]


@pytest.mark.shows("Missing AnalysisTemplate", "works", "a named condition of the Rollout; goes on once it is there")
async def test_a_template_that_does_not_exist_is_named_and_heals_by_itself(place: Any) -> None:
    await deploy(place, [{"setWeight": 25}, analysis()], reaches="Degraded")
    assert status(place)["message"] == (
        'InvalidSpec: The Rollout "web" is invalid: spec.strategy.canary.steps[1].analysis.templates: '
        "Invalid value: \"good\": AnalysisTemplate 'good' not found"
    )
    await place.until(lambda: "RolloutDegraded" in place.events())
    await analysis_template(place)
    await place.until(lambda: phase(place) == "Healthy")


@pytest.mark.shows("AnalysisRun made by hand, arguments from a Secret", "works")
async def test_a_run_that_a_person_creates_is_measured_with_its_secret(place: Any) -> None:
    place.prometheus.answer = lambda _: (200, vector(1))
    await place.create("v1", "Secret", "token", stringData={"value": "s3cret"})
    metric = {
        "name": "one",
        "successCondition": "result[0] == 1",
        "provider": {"prometheus": {"query": 'up{token="{{ args.token }}"}'}},
    }
    args = [{"name": "token", "valueFrom": {"secretKeyRef": {"name": "token", "key": "value"}}}]
    await place.create(ARGO, "AnalysisRun", "by-hand", spec={"metrics": [metric], "args": args})
    await place.until(lambda: place.get("AnalysisRun", "by-hand").get("status", {}).get("phase") == "Successful")
    assert place.prometheus.queries == ['up{token="s3cret"}']
    assert "s3cret" not in repr(place.get("AnalysisRun", "by-hand"))
