"""What people do through kubectl and its plug-in: the patches of Argo's CLI (rollouts.md §1), honoured as they are."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from rollout_world import World, analysis, template, world_with

from wavegate.rollout_analyzer.domain.verdict import MetricValue

PAUSED = [{"setWeight": 25}, {"pause": {}}, {"setWeight": 50}, {"pause": {}}]


async def paused() -> World:
    world = await world_with(PAUSED)
    world.release("app:2")
    await world.go(5)
    assert world.phase == ("Paused", "CanaryPauseStep")
    return world


@pytest.mark.shows(
    "kubectl argo rollouts: promote, abort, retry, pause, terminate",
    "works",
    "its patches, tested without the plug-in itself",
)
async def test_promote_ends_a_pause() -> None:
    world = await paused()
    world.cluster.edit("Rollout", "web", {"spec": {"paused": False}, "status": {"pauseConditions": None}})
    await world.go(5)
    assert (world.status["currentStepIndex"], world.weight()) == (3, 50)


async def test_promote_full_skips_what_is_left_and_waits_for_the_pods() -> None:
    world = await paused()
    world.cluster.edit("Rollout", "web", {"status": {"promoteFull": True}})
    await world.go(5)
    assert world.phase == ("Healthy", "")
    assert world.status["stableRS"] == "app2"
    assert "promoteFull" not in world.status
    assert [one["step"] for one in world.events("StepCompleted")] == [0]


async def test_skipping_a_step_by_index() -> None:
    world = await paused()
    world.cluster.edit("Rollout", "web", {"status": {"pauseConditions": None, "currentStepIndex": 3}})
    await world.go(5)
    assert (world.status["currentStepIndex"], world.weight()) == (4, 0)
    assert world.phase == ("Healthy", "")


async def test_abort_and_retry() -> None:
    world = await paused()
    world.cluster.edit("Rollout", "web", {"status": {"abort": True}})
    await world.go(5)
    assert world.phase == ("Degraded", "RolloutAborted: Rollout aborted update to revision 2")
    assert (world.weight(), world.status["currentStepIndex"]) == (0, 0)
    assert "pauseConditions" not in world.status
    assert world.events("RolloutAborted")[0]["reason"] == "RolloutAborted"
    world.cluster.edit("Rollout", "web", {"status": {"abort": False}})
    await world.go(5)
    assert world.phase == ("Paused", "CanaryPauseStep")
    assert world.weight() == 25
    assert "abortedAt" not in world.status


async def test_an_aborted_canary_stays_for_its_delay_or_for_ever() -> None:
    for delay, left in ((20, 0), (0, 1)):
        world = await world_with(PAUSED, abortScaleDownDelaySeconds=delay)
        world.release("app:2")
        await world.go(5)
        world.cluster.edit("Rollout", "web", {"status": {"abort": True}})
        await world.go(19)
        assert world.replicas()["web-app2"] == 1
        await world.go(20)
        assert world.replicas()["web-app2"] == left


async def test_a_manual_pause_holds_the_pods() -> None:
    world = await world_with(PAUSED)
    world.cluster.edit("Rollout", "web", {"spec": {"paused": True}})
    world.release("app:2")
    await world.go(5)
    assert world.phase == ("Paused", "manually paused")
    assert world.replicas() == {"web-app1": 4, "web-app2": 0}
    assert world.events("RolloutPaused")[0]["reason"] == "RolloutPaused"
    world.cluster.edit("Rollout", "web", {"spec": {"paused": False}})
    await world.go(5)
    assert world.replicas() == {"web-app1": 4, "web-app2": 1}


async def inconclusive() -> World:
    world = await world_with(
        [{"setWeight": 25}, analysis(), {"pause": {}}],
        template(failureCondition="result[0] < 0.5", count=1, failureLimit=0, interval=None),
    )
    world.metrics.answer = lambda _: MetricValue((0.7,))
    world.release("app:2")
    await world.go(5)
    assert world.phase == ("Paused", "InconclusiveAnalysisRun")
    return world


async def test_promote_after_an_inconclusive_analysis_goes_on_to_the_next_step() -> None:
    world = await inconclusive()
    patch = {"pauseConditions": None, "controllerPause": False, "currentStepIndex": 2}
    world.cluster.edit("Rollout", "web", {"status": patch})
    await world.go(5)
    assert world.phase == ("Paused", "CanaryPauseStep")
    assert len(world.cluster.all("AnalysisRun")) == 1


async def test_resuming_after_an_inconclusive_analysis_measures_again() -> None:
    world = await inconclusive()
    world.metrics.answer = lambda _: MetricValue((1.0,))
    world.cluster.edit("Rollout", "web", {"status": {"pauseConditions": None}})
    await world.go(5)
    assert world.phase == ("Paused", "CanaryPauseStep")
    assert sorted(live["metadata"]["name"] for live in world.cluster.all("AnalysisRun")) == [
        "web-app2-2-1",
        "web-app2-2-1.1",
    ]


async def test_ending_a_run_without_evidence_does_not_promote() -> None:
    world = await world_with([{"setWeight": 25}, analysis()], template(initialDelay="1h"))
    world.release("app:2")
    await world.go(5)
    world.cluster.edit("AnalysisRun", "web-app2-2-1", {"spec": {"terminate": True}})
    await world.go(5)
    assert world.cluster.live("AnalysisRun", "web-app2-2-1")["status"]["phase"] == "Successful"
    assert world.cluster.live("AnalysisRun", "web-app2-2-1")["status"]["message"] == "Run Terminated"
    assert world.phase == ("Paused", "InconclusiveAnalysisRun")
    assert world.weight() == 25


async def test_aborting_ends_the_run() -> None:
    world = await world_with([{"setWeight": 25}, analysis()], template())
    world.release("app:2")
    await world.go(5)
    world.cluster.edit("Rollout", "web", {"status": {"abort": True}})
    await world.go(5)
    run = world.cluster.live("AnalysisRun", "web-app2-2-1")
    assert run["spec"]["terminate"] is True
    assert run["status"]["phase"] == "Successful"
    assert world.weight() == 0


async def test_scaling_in_the_middle_keeps_the_share() -> None:
    world = await paused()
    world.cluster.edit("Rollout", "web", {"spec": {"replicas": 8}})
    await world.go(5)
    assert world.replicas() == {"web-app1": 8, "web-app2": 2}
    assert world.phase == ("Paused", "CanaryPauseStep")
