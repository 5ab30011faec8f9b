"""The analyzer may end between any two steps: started again, it comes to the same end, and tells it once."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from rollout_world import Crash, CrashingBus, CrashingStore, World, analysis, template, world_with

from wavegate.rollout_analyzer.domain.verdict import MetricValue

STEPS = [{"setWeight": 25}, {"pause": {"duration": 10}}, analysis(), {"setWeight": 75}]


class Countdown:
    """Ends the process at the n-th step."""

    def __init__(self, steps: int) -> None:
        self.left = steps
        self.steps = 0

    def __call__(self) -> None:
        self.steps += 1
        self.left -= 1
        if self.left == 0:
            raise Crash


async def walked(value: float, crash_at: int) -> tuple[World, Countdown]:
    """Release app:2 over two minutes, with a crash at one step."""
    world = await world_with(STEPS, template(count=3, interval="5s", failureLimit=1))
    world.metrics.answer = lambda _: MetricValue((value,))
    countdown = Countdown(crash_at)
    world.cluster.before_write = countdown
    world.rollouts.store = CrashingStore(world.store, countdown)
    world.rollouts.publisher = CrashingBus(world.bus, countdown)
    world.release("app:2")
    for _ in range(2):
        try:
            await world.go(120)
            break
        except Crash:
            world.restart()
    await world.go(120)
    return world, countdown


def end(world: World) -> dict[str, Any]:
    run = world.cluster.live("AnalysisRun", "web-app2-2-2")
    return {
        "phase": world.phase,
        "stable": world.status["stableRS"],
        "weights": world.weights_set,
        "selectors": (world.selector("stable"), world.selector("canary")),
        "replicas": world.replicas(),
        "run": run["status"]["phase"],
        "counts": [one.get("count") for one in run["status"]["metricResults"]],
        "runs": len(world.cluster.all("AnalysisRun")),
        "told": [(one["event"], one.get("step"), one.get("weight"), one.get("index")) for one in world.events()],
    }


@pytest.mark.parametrize("value", [1.0, 0.5])
async def test_a_crash_between_any_two_steps_changes_nothing(value: float) -> None:
    calm, countdown = await walked(value, 0)
    expected = end(calm)
    assert expected["phase"][0] == ("Healthy" if value == 1.0 else "Degraded")
    assert expected["weights"] == ([25, 75, 100, 0] if value == 1.0 else [25, 0])
    assert countdown.steps > 40
    for step in range(1, countdown.steps + 1):
        world, _ = await walked(value, step)
        assert end(world) == expected, f"after a crash at step {step}"


async def test_two_analyzers_count_a_measurement_once() -> None:
    world = await world_with(STEPS, template(count=3, interval="5s", failureLimit=1))
    other = World()
    other.cluster, other.clock, other.bus, other.store = world.cluster, world.clock, world.bus, world.store
    other.metrics = world.metrics
    other.restart()
    world.release("app:2")
    for _ in range(200):
        await world.look()
        await other.look()
        world.cluster.settle_pods()
        world.clock.advance(0.5)
    assert world.phase == ("Healthy", "")
    result = world.cluster.live("AnalysisRun", "web-app2-2-2")["status"]["metricResults"][0]
    assert (result["count"], len(result["measurements"])) == (3, 3)
    assert [one["index"] for one in world.events("MeasurementTaken")] == [0, 1, 2]
