"""Whatever cannot be worked on is named on the object and as one event; once mended, the next look succeeds."""

import copy
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from rollout_world import World, analysis, rollout, service, template, virtual_service, world_with

from wavegate.contracts.reasons import Reason
from wavegate.rollout_analyzer.domain.actions import Refused
from wavegate.rollout_analyzer.ports import MetricFailed

CANARY = "spec.strategy.canary"


async def refused(change: dict[str, Any], *extra: dict[str, Any]) -> World:
    world = World()
    for live in (service("stable"), service("canary"), virtual_service(), *extra):
        world.cluster.put(live)
    live = rollout([{"setWeight": 10}])
    for path, value in change.items():
        *parents, last = path.split(".")
        place = live
        for part in parents:
            place = place[int(part)] if part.isdigit() else place.setdefault(part, {})
        place[last] = value
    world.cluster.put(live)
    await world.go(1)
    return world


UNSUPPORTED = {
    f"{CANARY}.analysis": {"templates": [{"templateName": "x"}]},
    f"{CANARY}.dynamicStableScale": True,
    f"{CANARY}.canaryMetadata": {"labels": {"a": "b"}},
    f"{CANARY}.antiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": {"weight": 1}},
    f"{CANARY}.pingPong": {"pingService": "a", "pongService": "b"},
    f"{CANARY}.trafficRouting.nginx": {"stableIngress": "x"},
    f"{CANARY}.trafficRouting.alb": {"ingress": "x"},
    f"{CANARY}.trafficRouting.plugins": {"gatewayAPI": {"a": "b"}},
    f"{CANARY}.trafficRouting.managedRoutes": [{"name": "x"}],
    f"{CANARY}.trafficRouting.istio.virtualService.tlsRoutes": [{"port": 443}],
    "spec.workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x"},
    "spec.restartAt": "2026-01-01T00:00:00Z",
    "spec.somethingNew": 1,
}


@pytest.mark.shows(
    "Background analysis, dynamicStableScale, other traffic routers, workloadRef, restartAt", "refused by name"
)
@pytest.mark.parametrize("path", sorted(UNSUPPORTED))
async def test_what_is_not_supported_is_refused_by_name(path: str) -> None:
    world = await refused({path: UNSUPPORTED[path]})
    assert world.phase[0] == "Degraded"
    assert world.phase[1].startswith(f'InvalidSpec: The Rollout "web" is invalid: {path}: Forbidden: ')
    assert world.phase[1].endswith("is not supported by Wavegate")
    assert [one["reason"] for one in world.events("RolloutDegraded")] == [Reason.FEATURE_UNSUPPORTED]
    assert world.cluster.all("ReplicaSet") == []


@pytest.mark.shows("Steps experiment, setCanaryScale, setHeaderRoute, setMirrorRoute, plugin", "refused by name")
@pytest.mark.parametrize("step", ["experiment", "setCanaryScale", "setHeaderRoute", "setMirrorRoute", "plugin"])
async def test_steps_that_are_not_supported_are_refused_by_name(step: str) -> None:
    world = await refused({f"{CANARY}.steps": [{step: {"name": "x"}}]})
    assert f"spec.strategy.canary.steps[0].{step}: Forbidden: the {step} step is not supported" in world.phase[1]


@pytest.mark.shows("Rollout: blueGreen", "refused by name")
async def test_blue_green_is_refused_by_name() -> None:
    world = await refused({"spec.strategy": {"blueGreen": {"activeService": "stable"}}})
    assert "spec.strategy.blueGreen: Forbidden: the blueGreen strategy is not supported by Wavegate" in world.phase[1]


INVALID = {
    f"{CANARY}.steps": ([{"setWeight": 101}], "SetWeight needs to be between 0 and max weight"),
    f"{CANARY}.maxSurge": ("x", "must be a number of pods or a percentage"),
    f"{CANARY}.canaryService": ("stable", "two different services are required"),
    f"{CANARY}.stableService": ("nowhere", 'service "nowhere" not found'),
    f"{CANARY}.trafficRouting.istio.virtualService.name": ("nowhere", '"nowhere" not found'),
    f"{CANARY}.trafficRouting.istio.virtualService.routes": (
        ["primary"],
        "HTTP Route 'primary' is not found in the defined Virtual Service.",
    ),
    "spec.replicas": ("three", "must be a whole number"),
    "spec.selector": ({}, "This rollout is selecting all pods. A non-empty selector is required."),
    "spec.template.metadata.labels": ({"app": "other"}, "`selector` does not match template `labels`"),
    "spec.strategy": ({}, "Rollout has missing field '.spec.strategy.canary or .spec.strategy.blueGreen'"),
    "spec.progressDeadlineSeconds": (-1, "must be a whole number"),
    "spec.revisionHistoryLimit": ({"a": 1}, "must be a whole number"),
}


@pytest.mark.parametrize("path", sorted(INVALID))
async def test_what_is_invalid_is_named_and_heals(path: str) -> None:
    value, text = INVALID[path]
    world = await refused({path: value})
    assert world.phase[0] == "Degraded"
    assert text in world.phase[1]
    assert len(world.events("RolloutDegraded")) == 1
    world.cluster.put(rollout([{"setWeight": 10}]))
    await world.go(1)
    assert world.phase == ("Healthy", "")
    assert all(one["type"] != "InvalidSpec" for one in world.status["conditions"])


async def test_a_pause_of_no_duration_and_a_step_of_two_kinds_are_invalid() -> None:
    world = await refused({f"{CANARY}.steps": [{"pause": {"duration": "soon"}}]})
    assert "Duration needs to be greater than 0" in world.phase[1]
    world = await refused({f"{CANARY}.steps": [{"setWeight": 5, "pause": {}}]})
    assert "Step must have one of the following set" in world.phase[1]


async def test_a_missing_template_is_named_in_the_middle_and_heals_where_it_stood() -> None:
    world = await world_with([{"setWeight": 25}, {"pause": {"duration": 10}}, analysis()], template())
    world.release("app:2")
    await world.go(2)
    removed = world.cluster.objects.pop(("AnalysisTemplate", "default", "good"))
    await world.go(1000)
    assert world.phase[0] == "Degraded"
    assert "AnalysisTemplate 'good' not found" in world.phase[1]
    assert [one["reason"] for one in world.events("RolloutDegraded")] == ["AnalysisTemplateMissing"]
    assert world.weight() == 25
    world.cluster.put(removed)
    await world.go(100)
    assert world.phase == ("Healthy", "")
    assert world.status["stableRS"] == "app2"


@pytest.mark.shows("Metric providers other than Prometheus, dryRun, measurementRetention", "refused by name")
async def test_templates_that_cannot_be_used_are_named() -> None:
    for change, text in (
        ({"dryRun": [{"metricName": ".*"}]}, "dryRun of AnalysisTemplate 'good' is not supported"),
        ({"templates": [{"templateName": "gone"}]}, "AnalysisTemplate 'gone' not found"),
        ({"args": [{"name": "revision"}]}, "args.revision was not resolved"),
        ({"metrics": []}, "no metrics specified"),
        ({"metrics": [{"name": "x", "provider": {"web": {"url": "x"}}}]}, "the metric provider web is not supported"),
    ):
        bad = template()
        bad["spec"] |= change
        world = await world_with([{"setWeight": 25}, analysis()], bad)
        world.release("app:2")
        await world.go(2)
        assert text in world.phase[1]


async def test_an_unreachable_prometheus_aborts_after_five_errors_in_a_row() -> None:
    world = await world_with([{"setWeight": 25}, analysis()], template())

    def down(_: object) -> Any:
        raise MetricFailed("MetricProviderUnavailable: prometheus: connection refused")

    world.metrics.answer = down
    world.release("app:2")
    await world.go(39)
    assert world.phase[0] == "Progressing"
    await world.go(5)
    assert world.phase[1].endswith(
        'Metric "success" assessed Error due to consecutiveErrors (5) > consecutiveErrorLimit (4): '
        '"Error Message: MetricProviderUnavailable: prometheus: connection refused"'
    )
    assert world.weight() == 0
    assert len(world.metrics.asked) == 5
    assert [one["phase"] for one in world.events("MeasurementTaken")] == ["Error"] * 5


async def test_a_cluster_that_refuses_a_write_is_named_and_asked_again() -> None:
    world = await world_with([{"setWeight": 25}])
    perform = world.cluster.perform

    async def refuse(action: Any) -> Any:
        if type(action).__name__ == "CreateReplicaSet":
            return (Refused("ReplicaSet", "web-app2", "exceeded quota"),)
        return await perform(action)

    world.cluster.perform = refuse  # type: ignore[method-assign]
    world.release("app:2")
    await world.go(100)
    assert "ReplicaSet web-app2: exceeded quota" in world.phase[1]
    assert [one["reason"] for one in world.events("RolloutDegraded")] == [Reason.API_REFUSED]
    world.cluster.perform = perform  # type: ignore[method-assign]
    await world.go(100)
    assert world.phase == ("Healthy", "")


async def test_a_name_that_is_taken_gets_another_hash() -> None:
    world = await world_with([{"setWeight": 25}])
    stranger = copy.deepcopy(world.cluster.live("ReplicaSet", "web-app1"))
    stranger["metadata"] = {"name": "web-app2", "labels": {}}
    world.cluster.put(stranger)
    world.release("app:2")
    await world.go(5)
    assert world.status["collisionCount"] == 1
    assert world.status["currentPodHash"] == "app2c1"
    assert world.phase == ("Healthy", "")


async def test_a_cluster_without_istio_is_named_only_where_it_is_needed() -> None:
    world = World()
    world.cluster.kinds_missing = {"VirtualService"}
    for live in (service("stable"), service("canary"), rollout([{"setWeight": 10}])):
        world.cluster.put(live)
    await world.go(1)
    assert "the cluster does not know the kind VirtualService" in world.phase[1]
    world.cluster.kinds_missing = set()
    world.cluster.put(virtual_service())
    await world.go(60)
    assert world.phase == ("Healthy", "")


@pytest.mark.shows("Rollout: instance id", "works", "others' Rollouts are left alone")
async def test_objects_of_another_instance_are_left_alone() -> None:
    world = World()
    live = rollout([{"setWeight": 10}])
    live["metadata"]["labels"] = {"argo-rollouts.argoproj.io/controller-instance-id": "other"}
    world.cluster.put(live)
    await world.go(1)
    assert world.cluster.writes == []
    assert world.store.objects == {}
