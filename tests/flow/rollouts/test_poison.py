"""Objects that hold anything anywhere: named, or passed over; never a crash (reliability.md S55)."""

import copy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from rollout_world import World, analysis, rollout, service, template, virtual_service

POISON: tuple[Any, ...] = (None, True, -1, 2**40, "", "x" * 5000, ["a"], [{"a": [1]}], {"a": {"b": 1}})


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def poisoned(live: dict[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    result = copy.deepcopy(live)
    place: Any = result
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return result


STEPS = [{"setWeight": 25}, {"pause": {"duration": 5}}, analysis(args=[{"name": "a", "value": "b"}])]
HEALTHY = {
    "Rollout": rollout(STEPS, maxSurge=1, maxUnavailable=0, scaleDownDelaySeconds=5),
    "AnalysisTemplate": template(failureCondition="result[0] < 0"),
    "VirtualService": virtual_service(),
}


@pytest.mark.parametrize("kind", sorted(HEALTHY))
async def test_any_value_in_any_field_is_survived(kind: str) -> None:
    for path in places(HEALTHY[kind]):
        if path[0] != "spec":
            continue
        for value in POISON:
            world = World()
            for live in (service("stable"), service("canary"), *HEALTHY.values()):
                world.cluster.put(live)
            await world.go(1)
            bad = poisoned(HEALTHY[kind], path, value)
            if kind == "Rollout" and len(path) > 1 and path[1] != "template":
                bad["spec"]["template"]["spec"]["containers"][0]["image"] = "app:2"
            world.cluster.put(bad)
            if kind != "Rollout":
                world.release("app:2")
            await world.go(8)
            assert world.phase[0], f"{path} = {value!r}"


@pytest.mark.parametrize("value", [one for one in POISON if one is not None])
async def test_any_status_is_survived(value: Any) -> None:
    world = World()
    for live in (service("stable"), service("canary"), *HEALTHY.values()):
        world.cluster.put(live)
    await world.go(1)
    world.release("app:2")
    await world.go(8)
    status = copy.deepcopy(world.status)
    for path in places(status):
        world.cluster.edit("Rollout", "web", {"status": None})
        world.cluster.edit("Rollout", "web", {"status": poisoned(status, path, value)})
        await world.go(3)
        assert world.phase[0], f"{path} = {value!r}"
