"""Drift is told once, with its fields and its author, and healed as Argo CD does."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from sync_world import World, cm, config_map

from wavegate.manifests.identity import ObjectKey, intent_of


def hack(obj: dict[str, Any]) -> None:
    obj["data"]["value"] = "hacked"


async def synced(**spec: Any) -> World:
    world = World(**spec)
    await world.push(1, "a" * 40, config_map("one", value="1"), config_map("two", value="2"))
    return world


async def test_a_hand_edit_is_told_with_fields_and_manager_and_healed_at_once() -> None:
    world = await synced()
    world.server.edit(cm("one"), hack, manager="kubectl-edit")
    await world.changed()

    assert world.data("one") == {"value": "1"}
    drift = world.events("DriftDetected")[0].data
    assert drift["resource"]["name"] == "one"
    assert drift["fields"] == ["data.value"]
    assert drift["manager"] == "kubectl-edit"
    assert world.told().count("DriftHealed") == 1
    assert world.status["sync"]["status"] == "Synced"
    assert intent_of(world.server.objects[cm("one")]) == 1


async def test_other_controllers_own_fields_are_no_drift() -> None:
    world = await synced()
    world.server.edit(cm("one"), lambda obj: obj["data"].update(other="theirs"), manager="other")
    await world.changed()

    assert world.data("one") == {"value": "1", "other": "theirs"}
    assert world.events("DriftDetected") == []


async def test_a_deleted_object_comes_back() -> None:
    world = await synced()
    world.server.remove(cm("two"))
    await world.changed()

    assert world.data("two") == {"value": "2"}
    assert world.events("DriftDetected")[0].data["resource"]["name"] == "two"


@pytest.mark.shows("Self-heal with backoff", "works", "at once, then after 2, 6, 18 … 300 s")
async def test_the_same_drift_twice_is_two_events_and_later_healings_wait() -> None:
    world = await synced()
    for waited in (0, 2, 6, 18):
        world.server.edit(cm("one"), hack)
        await world.changed()
        if waited:
            assert world.data("one") == {"value": "hacked"}
            await world.later(waited - 1)
            assert world.data("one") == {"value": "hacked"}
            await world.later(1)
        assert world.data("one") == {"value": "1"}
    assert world.told().count("DriftDetected") == 4
    assert world.told().count("DriftHealed") == 4

    await world.later(400)
    world.server.edit(cm("one"), hack)
    await world.changed()
    assert world.data("one") == {"value": "1"}


async def test_without_self_heal_drift_is_shown_and_told_once() -> None:
    world = await synced(syncPolicy={"automated": {"prune": True}})
    world.server.edit(cm("one"), hack)
    await world.changed()
    await world.changed()

    assert world.data("one") == {"value": "hacked"}
    assert world.status["sync"]["status"] == "OutOfSync"
    assert [r["status"] for r in world.status["resources"]] == ["OutOfSync", "Synced"]
    assert world.told().count("DriftDetected") == 1

    world.server.edit(cm("one"), lambda obj: obj["data"].update(value="1"))
    await world.changed()
    assert world.status["sync"]["status"] == "Synced"
    assert world.told().count("DriftHealed") == 1


async def test_an_object_that_comes_late_under_our_mark_is_pruned() -> None:
    world = await synced()
    ghost = {
        **config_map("ghost"),
        "metadata": {
            "name": "ghost",
            "namespace": "prod",
            "annotations": {"argocd.argoproj.io/tracking-id": "fraud:/ConfigMap:prod/ghost"},
        },
    }
    world.server.apply(ghost)
    await world.changed()

    assert cm("ghost") not in world.server.objects


@pytest.mark.shows("Values of Secrets never show in events or status", "works")
async def test_secrets_show_by_field_only() -> None:
    world = World()
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"password": "hunter22"}}
    await world.push(1, "a" * 40, secret)
    key = ObjectKey("", "Secret", "prod", "s")
    world.server.edit(key, lambda obj: obj["data"].update(password="aGFja2VkIQ=="))
    await world.changed()

    everything = repr([entry.data for entry in world.bus.stored.values()]) + repr(world.status)
    assert world.events("DriftDetected")[0].data["fields"] == ["data.password"]
    assert "hunter22" not in everything
    assert "aHVudGVyMjI" not in everything
    assert "aGFja2VkIQ" not in everything


ROLLOUT = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Rollout",
    "metadata": {"name": "model", "annotations": {"argocd.argoproj.io/sync-wave": "1"}},
    "spec": {
        "replicas": 2,
        "strategy": {"canary": {"canaryService": "canary", "stableService": "stable"}},
    },
}


def service(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"selector": {"app": "model"}}}


@pytest.mark.shows(
    "Fields that a Rollout or an autoscaler moves are neither drift nor overwritten",
    "works",
    "no `ignoreDifferences` needed",
)
async def test_a_canary_is_left_alone() -> None:
    """The selector that the Rollout's controller sets is neither drift nor overwritten by a later commit."""
    world = World()
    await world.push(1, "a" * 40, service("canary"), ROLLOUT)
    key = ObjectKey("", "Service", "prod", "canary")
    hashed = {"app": "model", "rollouts-pod-template-hash": "abc"}
    world.server.edit(key, lambda obj: obj["spec"].update(selector=hashed), manager="wavegate-rollout-analyzer")
    await world.changed()
    assert world.server.objects[key]["spec"]["selector"] == hashed
    assert world.status["sync"]["status"] == "Synced"
    assert world.events("DriftDetected") == []

    labelled = service("canary")
    labelled["metadata"]["labels"] = {"team": "fraud"}
    await world.push(2, "b" * 40, labelled, ROLLOUT)
    assert world.server.objects[key]["spec"]["selector"] == hashed
    assert world.server.objects[key]["metadata"]["labels"] == {"team": "fraud"}


async def test_a_rollout_carries_its_cause() -> None:
    world = World()
    await world.push(7, "a" * 40, ROLLOUT)
    rollout = world.server.objects[ObjectKey("argoproj.io", "Rollout", "prod", "model")]

    cause = rollout["metadata"]["annotations"]["wavegate.dev/cause"]
    assert '"seq":7' in cause
    assert f'"sha":"{"a" * 40}"' in cause
