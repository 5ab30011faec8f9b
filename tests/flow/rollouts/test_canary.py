"""A canary's way, from the first deploy to promotion, abort and rollback, on virtual time."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from rollout_world import World, analysis, rollout, service, template, virtual_service, world_with

from wavegate.rollout_analyzer.domain.verdict import MetricValue

STEPS = [
    {"setWeight": 10},
    {"pause": {"duration": 30}},
    {"setWeight": 50},
    {"pause": {"duration": "1m"}},
]


async def test_the_first_deploy_promotes_directly() -> None:
    world = await world_with([{"setWeight": 10}, {"pause": {}}, analysis()], template())
    assert world.phase == ("Healthy", "")
    assert world.status["stableRS"] == world.status["currentPodHash"] == "app1"
    assert world.status["currentStepIndex"] == 3
    assert world.replicas() == {"web-app1": 4}
    assert world.selector("stable") == world.selector("canary") == "app1"
    assert [one["event"] for one in world.events()] == ["RolloutStarted", "RolloutPromoted"]
    assert world.cluster.all("AnalysisRun") == []


async def test_weights_move_step_by_step_and_never_ahead_of_the_pods() -> None:
    world = await world_with(STEPS)
    world.release("app:2")
    await world.go(5)
    assert world.phase == ("Paused", "CanaryPauseStep")
    assert (world.weight(), world.replicas()) == (10, {"web-app1": 4, "web-app2": 1})
    assert world.selector("canary") == "app2"
    assert world.selector("stable") == "app1"
    await world.go(30)
    assert (world.weight(), world.replicas()["web-app2"]) == (50, 2)
    await world.go(60)
    assert world.phase == ("Healthy", "")
    assert world.status["stableRS"] == "app2"
    assert world.weight() == 0
    assert world.selector("stable") == world.selector("canary") == "app2"
    assert world.weights_set == [10, 50, 100, 0]


async def test_the_old_pods_stay_for_the_scale_down_delay() -> None:
    world = await world_with([{"setWeight": 100}], scaleDownDelaySeconds=60)
    world.release("app:2")
    await world.go(59)
    assert world.replicas() == {"web-app1": 4, "web-app2": 4}
    await world.go(5)
    assert world.replicas() == {"web-app1": 0, "web-app2": 4}
    assert world.condition("Healthy")["status"] == "True"


async def test_events_tell_every_step_once() -> None:
    world = await world_with(STEPS)
    world.bus.stored.clear()
    world.release("app:2")
    await world.go(200)
    told = [(one["event"], one.get("step", one.get("weight"))) for one in world.events()]
    assert told == [
        ("RolloutStarted", None),
        ("StepStarted", 0),
        ("WeightSet", 10),
        ("StepCompleted", 0),
        ("StepStarted", 1),
        ("RolloutPaused", 1),
        ("StepCompleted", 1),
        ("StepStarted", 2),
        ("WeightSet", 50),
        ("StepCompleted", 2),
        ("StepStarted", 3),
        ("RolloutPaused", 3),
        ("StepCompleted", 3),
        ("WeightSet", 100),
        ("RolloutPromoted", None),
        ("WeightSet", 0),
    ]
    started = world.events("RolloutStarted")[0]
    assert (started["revision"], started["stable"], started["images"]) == ("app2", "app1", ["app:2"])


async def test_pods_that_never_come_up_get_no_traffic_and_are_named_at_the_deadline() -> None:
    world = await world_with(STEPS)
    world.release("app:stuck")
    await world.go(500)
    assert world.weight() == 0
    assert world.phase == ("Progressing", "more replicas need to be updated")
    await world.go(300)
    assert world.phase == ("Degraded", 'ProgressDeadlineExceeded: ReplicaSet "web-appstuck" has timed out progressing.')
    assert world.weights_set == []
    assert [one["reason"] for one in world.events("RolloutDegraded")] == ["ProgressDeadlineExceeded"]
    world.release("app:1")
    await world.go(60)
    assert world.phase == ("Healthy", "")


async def test_good_measurements_promote() -> None:
    world = await world_with([{"setWeight": 25}, analysis()], template())
    world.metrics.answer = lambda _: MetricValue((0.995,))
    world.release("app:2")
    await world.go(30)
    assert world.phase[0] == "Progressing"
    assert world.weight() == 25
    await world.go(30)
    assert world.phase == ("Healthy", "")
    run = world.cluster.all("AnalysisRun")[0]
    assert run["metadata"]["name"] == "web-app2-2-1"
    assert run["metadata"]["labels"] == {
        "rollouts-pod-template-hash": "app2",
        "rollout-type": "Step",
        "step-index": "1",
        "app": "web",
    }
    assert run["status"]["phase"] == "Successful"
    assert run["status"]["runSummary"] == {"count": 1, "successful": 1}
    result = run["status"]["metricResults"][0]
    assert (result["count"], result["successful"], len(result["measurements"])) == (5, 5, 5)
    assert result["measurements"][0]["value"] == "[0.995]"
    assert len(world.metrics.asked) == 5


@pytest.mark.shows(
    "Rollout: failed analysis aborts, all traffic returns to stable", "works", "a revert commit makes it Healthy"
)
async def test_bad_measurements_abort_and_a_revert_makes_it_healthy() -> None:
    world = await world_with([{"setWeight": 25}, analysis()], template())
    world.metrics.answer = lambda _: MetricValue((0.91,))
    world.bus.stored.clear()
    world.release("app:2")
    await world.go(25)
    assert world.phase == (
        "Degraded",
        (
            "RolloutAborted: Rollout aborted update to revision 2: Step-based analysis phase error/failed: "
            'Metric "success" assessed Failed due to failed (3) > failureLimit (2)'
        ),
    )
    assert world.weight() == 0
    assert world.selector("canary") == world.selector("stable") == "app1"
    assert world.status["abort"] is True
    assert world.status["currentStepIndex"] == 0
    assert world.replicas() == {"web-app1": 4, "web-app2": 1}
    await world.go(40)
    assert world.replicas() == {"web-app1": 4, "web-app2": 0}
    taken = world.events("MeasurementTaken")
    assert [(one["index"], one["detail"]) for one in taken] == [
        (0, "0.91 < 0.99, 1 of 5 failed"),
        (1, "0.91 < 0.99, 2 of 5 failed"),
        (2, "0.91 < 0.99, 3 of 5 failed"),
    ]
    assert taken[0]["threshold"] == "result[0] >= 0.99"
    assert [one["event"] for one in world.events()][-5:] == [
        "MeasurementTaken",
        "MeasurementTaken",
        "AnalysisCompleted",
        "WeightSet",
        "RolloutAborted",
    ]
    assert world.events("RolloutAborted")[0]["reason"] == "AnalysisFailed"
    world.release("app:1")
    await world.go(1)
    assert world.phase == ("Healthy", "")
    assert world.status["currentStepIndex"] == 2


async def test_no_data_never_promotes() -> None:
    for answer in (MetricValue(()), MetricValue((float("nan"),))):
        world = await world_with(
            [{"setWeight": 25}, analysis()],
            template(
                successCondition=None, failureCondition="len(result) > 0 and result[0] > 0.05", inconclusiveLimit=0
            ),
        )
        world.metrics.answer = lambda _, answer=answer: answer
        world.release("app:2")
        await world.go(300)
        assert world.phase == ("Paused", "InconclusiveAnalysisRun")
        assert world.weight() == 25
        assert world.status["stableRS"] == "app1"
        assert "MetricEmpty" in world.events("MeasurementTaken")[0]["detail"]


async def test_a_new_commit_in_the_middle_starts_over_and_traffic_goes_back_first() -> None:
    world = await world_with([{"setWeight": 50}, {"pause": {}}])
    world.release("app:2")
    await world.go(5)
    assert world.weight() == 50
    world.release("app:3")
    await world.go(5)
    assert world.replicas() == {"web-app1": 4, "web-app2": 0, "web-app3": 2}
    assert world.weights_set == [50, 0, 50]
    assert world.selector("canary") == "app3"
    assert world.status["currentStepIndex"] == 1


async def test_back_to_the_stable_template_skips_the_steps() -> None:
    world = await world_with([{"setWeight": 50}, {"pause": {}}])
    world.release("app:2")
    await world.go(5)
    world.release("app:1")
    await world.go(1)
    assert world.phase == ("Healthy", "")
    assert (world.weight(), world.selector("canary")) == (0, "app1")
    await world.go(60)
    assert world.replicas() == {"web-app1": 4, "web-app2": 0}


@pytest.mark.shows("Rollout: canary without a traffic router", "works")
async def test_without_a_router_the_pods_are_the_weight() -> None:
    world = await world_with([{"setWeight": 50}, {"pause": {}}], routed=False, maxSurge=1, maxUnavailable=0)
    world.release("app:2")
    await world.go(5)
    assert world.replicas() == {"web-app1": 2, "web-app2": 2}
    world.cluster.edit("Rollout", "web", {"status": {"pauseConditions": None}})
    await world.go(5)
    assert world.replicas() == {"web-app1": 0, "web-app2": 4}
    assert world.phase == ("Healthy", "")


async def test_traffic_follows_at_first_when_everything_arrives_at_once() -> None:
    world = World()
    world.cluster.put(rollout([{"setWeight": 10}, {"pause": {}}]))
    await world.go(1)
    assert world.phase[0] == "Degraded"
    assert "service" in world.phase[1]
    for live in (service("stable"), service("canary"), virtual_service()):
        world.cluster.put(live)
    await world.go(1)
    assert world.phase == ("Healthy", "")
