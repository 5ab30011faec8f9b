"""A commit's way into the cluster, as the Application and the events tell it."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from sync_world import World, cm, config_map, custom

from wavegate.manifests.identity import ObjectKey, intent_of


def models_start_unready(verb: str, key: ObjectKey, obj: dict[str, Any]) -> None:
    if key.kind == "Model":
        obj.setdefault("status", {"conditions": [{"type": "Ready", "status": "False"}]})


@pytest.mark.shows(
    "`Application.status` as Argo CD writes it", "works", "`sync`, `health`, `operationState`, `resources`, `history`"
)
async def test_a_commit_is_applied_and_shown_with_two_state_writes_and_one_report() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one", value="1"), config_map("two", value="2"))

    assert world.data("one") == {"value": "1"}
    assert world.status["sync"] == {
        "status": "Synced",
        "revision": "a" * 40,
        "comparedTo": {
            "source": world.records.applications["argocd/fraud"]["spec"]["source"],
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "prod"},
        },
    }
    assert world.status["health"]["status"] == "Healthy"
    operation = world.status["operationState"]
    assert (operation["phase"], operation["message"]) == ("Succeeded", "successfully synced (all tasks run)")
    assert [(r["name"], r["status"], r["message"]) for r in operation["syncResult"]["resources"]] == [
        ("one", "Synced", "configmap/one created"),
        ("two", "Synced", "configmap/two created"),
    ]
    assert [entry["id"] for entry in world.status["history"]] == [0]
    assert world.status["history"][0]["revision"] == "a" * 40
    assert len(world.records.reports) == 1
    assert int(world.store.inner.objects["argocd/fraud"].version) == 2


async def test_events_tell_the_story_once_and_in_order() -> None:
    world = World()
    hint = await world.rendered(1, "a" * 40, config_map("one"))
    await world.look(hint)
    await world.look(hint)

    assert world.told() == ["IntentAccepted", "SyncStarted", "WaveApplied", "SyncSucceeded", "HealthChanged"]
    assert world.events("SyncSucceeded")[0].data["commits"][0]["sha"] == "a" * 40


async def test_only_what_differs_is_written_and_all_is_listed() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one", value="1"), config_map("two", value="2"))
    before = len(world.server.writes)
    await world.push(2, "b" * 40, config_map("one", value="1"), config_map("two", value="3"))

    assert [key.name for _, key, _ in world.server.writes[before:]] == ["two"]
    assert [r["message"] for r in world.status["operationState"]["syncResult"]["resources"]] == [
        "configmap/one unchanged",
        "configmap/two configured",
    ]
    assert intent_of(world.server.objects[cm("two")]) == 2
    assert intent_of(world.server.objects[cm("one")]) == 1


async def test_a_field_that_git_drops_goes() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one", a="1", b="2"))
    await world.push(2, "b" * 40, config_map("one", a="1"))

    assert world.data("one") == {"a": "1"}


async def test_a_revert_applies_the_old_content_again() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one", value="A"))
    await world.push(2, "b" * 40, config_map("one", value="B"))
    await world.push(3, "a" * 40, config_map("one", value="A"))

    assert world.data("one") == {"value": "A"}
    assert world.state.fence == 3
    assert len(world.status["history"]) == 3


async def test_an_older_render_that_comes_late_is_ignored() -> None:
    world = World()
    older = await world.rendered(1, "a" * 40, config_map("one", value="A"))
    await world.push(2, "b" * 40, config_map("one", value="B"))
    await world.look(older)

    assert world.data("one") == {"value": "B"}
    assert world.told().count("IntentAccepted") == 1


@pytest.mark.shows("Sync waves, with health between them", "works")
async def test_waves_wait_for_health_and_the_last_one_is_not_waited_for() -> None:
    first, third = (ObjectKey("example.com", "Model", "prod", name) for name in ("first", "third"))
    world = World()
    world.server.on_write = models_start_unready
    await world.push(1, "a" * 40, custom("Model", "first", 0), config_map("second", 1), custom("Model", "third", 2))
    assert cm("second") not in world.server.objects
    assert world.status["operationState"]["phase"] == "Running"
    assert world.status["operationState"]["message"] == "waiting for healthy state of example.com/Model/first"
    assert world.status["sync"]["status"] == "OutOfSync"

    world.server.set_status(first, conditions=[{"type": "Ready", "status": "True"}])
    await world.changed()
    assert cm("second") in world.server.objects
    assert third in world.server.objects
    assert world.status["operationState"]["phase"] == "Succeeded"
    assert world.status["health"]["status"] == "Progressing"
    assert world.told().count("WaveHealthy") == 2


async def test_an_object_that_turns_degraded_fails_the_sync_at_once_and_is_not_retried() -> None:
    world = World()
    world.server.on_write = models_start_unready
    await world.push(1, "a" * 40, custom("Model", "first", 0), config_map("second", 1))
    model = ObjectKey("example.com", "Model", "prod", "first")
    world.server.set_status(model, conditions=[{"type": "Stalled", "status": "True", "message": "no such model"}])
    await world.changed()

    operation = world.status["operationState"]
    assert operation["phase"] == "Failed"
    assert operation["message"] == ("one or more synchronization tasks completed unsuccessfully, reason: no such model")
    assert world.events("SyncFailed")[0].data["reason"] == "ObjectDegraded"
    assert world.status["conditions"][0]["message"].startswith(f"Failed last sync attempt to [{'a' * 40}]")
    await world.later(3600)
    assert world.told().count("IntentAccepted") == 1
    assert cm("second") not in world.server.objects


@pytest.mark.shows(
    "Prune", "works", "last, highest wave first; an automated sync never prunes everything without `allowEmpty`"
)
async def test_what_git_dropped_is_pruned_last_highest_wave_first() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one", 0), config_map("low", 1), config_map("high", 2))
    world.server.writes.clear()
    await world.push(2, "b" * 40, config_map("one", 0, value="new"))

    assert [(verb, key.name) for verb, key, _ in world.server.writes] == [
        ("apply", "one"),
        ("delete", "high"),
        ("delete", "low"),
    ]
    pruned = [r for r in world.status["operationState"]["syncResult"]["resources"] if r["status"] == "Pruned"]
    assert [(r["name"], r["message"]) for r in pruned] == [("high", "pruned"), ("low", "pruned")]
    assert world.events("SyncSucceeded")[-1].data["pruned"] == 2


async def test_without_prune_the_leftover_is_named_and_shown() -> None:
    world = World(syncPolicy={"automated": {}})
    await world.push(1, "a" * 40, config_map("one"), config_map("two"))
    await world.push(2, "b" * 40, config_map("one"))

    assert cm("two") in world.server.objects
    last = world.status["operationState"]["syncResult"]["resources"][-1]
    assert (last["status"], last["message"]) == ("PruneSkipped", "ignored (requires pruning)")
    assert world.status["sync"]["status"] == "OutOfSync"
    assert [r["requiresPruning"] for r in world.status["resources"] if r["name"] == "two"] == [True]


async def test_an_empty_render_wipes_nothing_unless_that_is_allowed() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one"))
    await world.push(2, "b" * 40)

    assert cm("one") in world.server.objects
    assert [c["message"] for c in world.status["conditions"]] == [
        f"Skipping sync attempt to {'b' * 40}: auto-sync will wipe out all resources"
    ]
    assert world.events("SyncFailed")[0].data["reason"] == "EmptyRender"

    world = World(syncPolicy={"automated": {"prune": True, "allowEmpty": True}})
    await world.push(1, "a" * 40, config_map("one"))
    await world.push(2, "b" * 40)
    assert cm("one") not in world.server.objects


async def test_a_commit_that_means_the_same_objects_moves_the_revision_lazily() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one"))
    told, reports = len(world.told()), len(world.records.reports)
    await world.push(2, "b" * 40, config_map("one"))
    assert len(world.records.reports) == reports
    assert world.due is not None

    await world.later(120)
    assert world.status["sync"]["revision"] == "b" * 40
    assert world.status["sync"]["status"] == "Synced"
    assert len(world.told()) == told


async def test_a_late_message_does_not_undo_what_an_unaffected_push_passed() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one", value="A"))
    late = await world.rendered(2, "b" * 40, config_map("one", value="B"))
    await world.push(3, "c" * 40, config_map("one", value="A"))
    await world.look(late)
    assert world.data("one") == {"value": "A"}

    world.records.tips = {"main": {"sha": "c" * 40, "seq": 3}}
    world.restart()
    await world.look(late)
    assert world.data("one") == {"value": "A"}


@pytest.mark.shows("A newer commit takes over from a sync that waits", "works", "Argo CD waits for the sync to end")
async def test_a_newer_commit_takes_over_from_a_sync_that_waits() -> None:
    world = World()
    world.server.on_write = models_start_unready
    await world.push(1, "a" * 40, custom("Model", "first", 0), config_map("second", 1))
    await world.push(2, "b" * 40, config_map("second", 1, value="2"))

    assert world.events("SyncSuperseded")[0].data["by"] == 2
    assert world.data("second") == {"value": "2"}
    assert world.status["operationState"]["phase"] == "Succeeded"
    assert ObjectKey("example.com", "Model", "prod", "first") not in world.server.objects


async def test_a_push_elsewhere_does_not_disturb_a_sync_that_waits() -> None:
    world = World()
    world.server.on_write = models_start_unready
    await world.push(1, "a" * 40, custom("Model", "first", 0), config_map("second", 1))
    await world.push(2, "b" * 40, custom("Model", "first", 0), config_map("second", 1))
    assert world.told().count("IntentAccepted") == 1

    first = ObjectKey("example.com", "Model", "prod", "first")
    world.server.set_status(first, conditions=[{"type": "Ready", "status": "True"}])
    await world.changed()
    assert world.status["operationState"]["phase"] == "Succeeded"
    await world.later(120)
    assert world.status["sync"]["revision"] == "b" * 40
    assert world.events("SyncSuperseded") == []
