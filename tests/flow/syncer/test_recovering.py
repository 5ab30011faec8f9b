"""Nothing stays behind: each cause, once mended, is noticed without a restart."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from sync_world import KEY, World, cm, config_map, custom

from wavegate.contracts.application import RenderFailed
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Hint
from wavegate.manifests.identity import ObjectKey

MANUAL = {"syncPolicy": {}}
OPERATION = {"operation": {"initiatedBy": {"username": "ann"}, "sync": {}}}
TIP = {"main": {"sha": "a" * 40, "seq": 1}}


MODEL = ObjectKey("example.com", "Model", "prod", "m")


def models_start_unready(verb: str, key: ObjectKey, obj: dict[str, Any]) -> None:
    if key.kind == "Model":
        obj.setdefault("status", {"conditions": [{"type": "Ready", "status": "False"}]})


def moved(world: World, path: str) -> None:
    world.records.change(KEY, {"spec": {"source": {"path": path}}})


async def test_a_requested_sync_whose_spec_changes_under_it_ends_and_the_next_request_is_heard() -> None:
    world = World(**MANUAL)
    world.server.on_write = models_start_unready
    await world.push(1, "a" * 40, custom("Model", "m", 0), config_map("after", 1))
    world.records.change(KEY, OPERATION)
    await world.look()
    assert world.status["operationState"]["phase"] == "Running"

    moved(world, "other")
    await world.push(1, "a" * 40, config_map("one"))

    assert world.status["operationState"]["phase"] == "Failed"
    assert "operation" not in world.records.applications[KEY]
    assert [event.data["reason"] for event in world.events("SyncFailed")] == ["Superseded"]
    world.records.change(KEY, OPERATION)
    await world.look()
    assert cm("one") in world.server.objects
    assert world.status["operationState"]["phase"] == "Succeeded"


async def test_a_lost_bundle_is_replaced_although_the_chart_renders_differently_each_time() -> None:
    world = World()
    world.records.tips = TIP
    await world.push(1, "a" * 40, config_map("one", token="first"))
    world.bundles.records.clear()
    world.restart()
    await world.look()

    command = world.events("RenderApplication")[-1]
    await world.look(
        await world.rendered(1, "a" * 40, config_map("one", token="second"), reason=command.data["reason"])
    )

    assert world.status["sync"]["status"] == "Synced"
    assert world.data("one") == {"token": "second"}


def trouble(world: World) -> Hint:
    hint = world.failed(1, "a" * 40, "object store: TimeoutError")
    message: RenderFailed = hint.message
    return Hint(hint.id, message.model_copy(update={"reason": Reason.BUS_UNAVAILABLE}))


async def test_a_render_that_failed_for_what_may_pass_is_asked_for_again() -> None:
    world = World()
    world.records.tips = TIP
    await world.look()
    await world.look(trouble(world))
    assert len(world.events("RenderApplication")) == 1
    assert world.due is not None

    await world.later(61)
    assert len(world.events("RenderApplication")) == 2
    await world.push(1, "a" * 40, config_map("one"))
    assert world.status["sync"]["status"] == "Synced"


async def test_a_render_that_failed_for_its_input_is_not_asked_for_again() -> None:
    world = World()
    world.records.tips = TIP
    await world.look()
    await world.look(world.failed(1, "a" * 40, "template: boom"))
    await world.later(3600)

    assert len(world.events("RenderApplication")) == 1


async def test_a_spec_that_is_changed_and_changed_back_is_asked_for_under_a_new_id() -> None:
    world = World()
    world.records.tips = TIP
    await world.look()
    await world.push(1, "a" * 40, config_map("one"))
    for path in ("other", "deploy", "other"):
        moved(world, path)
        await world.look()
        await world.push(1, "a" * 40, config_map("one", path=path))

    assert len(world.events("RenderApplication")) == 4
    assert world.data("one") == {"path": "other"}


async def test_a_request_that_comes_while_the_last_one_is_answered_is_not_lost() -> None:
    world = World(**MANUAL)
    await world.push(1, "a" * 40, config_map("one"))
    world.records.change(KEY, OPERATION)
    report, again = world.records.report, {"operation": {"sync": {"prune": True}, "initiatedBy": None}}

    async def interrupted(key: str, patch: dict[str, object]) -> None:
        if "operation" in patch and again:
            world.records.change(KEY, dict(again))
            again.clear()
        await report(key, patch)

    world.records.report = interrupted  # type: ignore[method-assign]
    await world.look()

    assert world.told().count("IntentAccepted") == 2
    assert world.status["operationState"]["operation"] == {"sync": {"prune": True}}


async def test_health_that_flaps_within_a_second_is_told_each_time() -> None:
    world = World()
    world.server.on_write = models_start_unready
    await world.push(1, "a" * 40, custom("Model", "m", 0))
    for status in ("True", "False", "True", "False"):
        world.clock.advance(0.1)
        world.server.set_status(MODEL, conditions=[{"type": "Ready", "status": status, "reason": "x"}])
        await world.changed()

    told = [event.data["status"] for event in world.events("HealthChanged")]
    assert told[-4:] == ["Healthy", "Progressing", "Healthy", "Progressing"]
