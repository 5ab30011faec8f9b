"""Syncs that somebody asks for, refreshes, new applications, deletion."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from sync_world import KEY, World, cm, config_map

MANUAL = {"syncPolicy": {}}
OPERATION = {"operation": {"initiatedBy": {"username": "ann"}, "sync": {"prune": True}}}


async def test_without_automated_sync_the_difference_is_shown_and_told_once() -> None:
    world = World(**MANUAL)
    await world.push(1, "a" * 40, config_map("one"))
    await world.look()

    assert world.server.objects == {}
    assert world.status["sync"]["status"] == "OutOfSync"
    assert world.status["health"]["status"] == "Missing"
    assert [event.data["reason"] for event in world.events("SyncWaiting")] == ["ManualSync"]


@pytest.mark.shows(
    "Manual sync through the `operation` field",
    "works",
    "with `kubectl patch`; there is no Argo CD API server for the `argocd` command",
)
async def test_the_operation_field_starts_a_sync_and_is_taken_out_with_its_end() -> None:
    world = World(**MANUAL)
    await world.push(1, "a" * 40, config_map("one"))
    world.records.change(KEY, OPERATION)
    await world.look()

    assert cm("one") in world.server.objects
    assert "operation" not in world.records.applications[KEY]
    state = world.status["operationState"]
    assert state["phase"] == "Succeeded"
    assert state["operation"] == OPERATION["operation"]
    assert world.status["history"][-1]["initiatedBy"] == {"username": "ann"}
    assert world.events("IntentAccepted")[0].data["reason"] == "manual"

    world.records.change(KEY, OPERATION)
    await world.look()
    assert world.told().count("IntentAccepted") == 2


@pytest.mark.shows("Partial sync (`operation.sync.resources`)", "works")
async def test_a_partial_sync_writes_only_what_was_chosen() -> None:
    world = World(**MANUAL)
    await world.push(1, "a" * 40, config_map("one"), config_map("two"))
    chosen = {"operation": {"sync": {"resources": [{"kind": "ConfigMap", "name": "two"}]}}}
    world.records.change(KEY, chosen)
    await world.look()

    assert list(world.server.objects) == [cm("two")]
    assert "history" not in world.status
    assert world.status["sync"]["status"] == "OutOfSync"


@pytest.mark.shows(
    "Sync or rollback to another revision (`operation.sync.revision`)", "refused by name", "a revert commit works"
)
async def test_what_a_request_cannot_have_yet_is_named() -> None:
    world = World(**MANUAL)
    await world.push(1, "a" * 40, config_map("one"))
    world.records.change(KEY, {"operation": {"sync": {"revision": "c" * 40}}})
    await world.look()

    assert world.status["operationState"]["phase"] == "Error"
    assert "is not supported yet" in world.status["operationState"]["message"]
    assert "operation" not in world.records.applications[KEY]
    assert world.server.objects == {}


async def test_a_new_application_asks_for_a_render_when_the_tip_is_known() -> None:
    world = World()
    await world.look()
    assert world.told() == []

    world.records.tips = {"main": {"sha": "a" * 40, "seq": 4}}
    await world.look()
    await world.look()
    command = world.events("RenderApplication")
    assert len(command) == 1
    assert command[0].data["sources"][0]["commit"]["seq"] == 4
    assert command[0].data["destinationNamespace"] == "prod"


async def test_a_refresh_is_asked_for_once_and_its_annotation_removed() -> None:
    world = World()
    world.records.tips = {"main": {"sha": "a" * 40, "seq": 1}}
    await world.push(1, "a" * 40, config_map("one"))
    world.records.change(KEY, {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
    await world.look()
    await world.look()

    assert [event.data["reason"] for event in world.events("RenderApplication")] == ["refresh"]
    assert world.records.applications[KEY]["metadata"]["annotations"] == {}


async def test_a_changed_spec_waits_for_its_own_render() -> None:
    world = World()
    world.records.tips = {"main": {"sha": "a" * 40, "seq": 1}}
    old = await world.rendered(1, "a" * 40, config_map("one", value="old"))
    await world.look(old)
    source = {"repoURL": world.records.applications[KEY]["spec"]["source"]["repoURL"], "path": "other"}
    world.records.change(KEY, {"spec": {"source": source}})
    await world.look(old)

    assert [event.data["reason"] for event in world.events("RenderApplication")] == ["spec"]
    assert world.status["sync"]["status"] == "Synced"
    await world.push(1, "a" * 40, config_map("one", value="new"))
    assert world.data("one") == {"value": "new"}


@pytest.mark.shows("`skip-reconcile` annotation", "works", "and says so")
async def test_a_paused_application_is_left_alone_and_says_so() -> None:
    world = World()
    world.records.change(KEY, {"metadata": {"annotations": {"argocd.argoproj.io/skip-reconcile": "true"}}})
    await world.push(1, "a" * 40, config_map("one"))

    assert world.server.objects == {}
    assert [event.data["reason"] for event in world.events("SyncWaiting")] == ["SkipReconcile"]


@pytest.mark.shows("Cascading deletion by finalizer", "works", "highest wave first")
async def test_objects_go_before_a_deleted_application_with_the_finalizer() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one", 0), config_map("two", 1))
    finalizers = ["resources-finalizer.argocd.argoproj.io"]
    world.records.change(KEY, {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": finalizers}})
    world.server.writes.clear()
    await world.look()

    assert [(verb, key.name) for verb, key, _ in world.server.writes] == [("delete", "two"), ("delete", "one")]
    assert "finalizers" not in world.records.applications[KEY]["metadata"]


@pytest.mark.shows(
    "Wavegate's own state objects deleted", "works", "rebuilt from the cluster; nothing that is equal is written"
)
async def test_lost_state_goes_on_above_what_the_objects_carry_and_writes_nothing_that_is_equal() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one", value="1"))
    await world.push(2, "b" * 40, config_map("one", value="2"))
    world.store.inner.objects.clear()
    world.restart()
    world.server.writes.clear()
    await world.push(2, "b" * 40, config_map("one", value="2"))

    assert world.state.fence == 3
    assert world.server.writes == []
    assert world.status["sync"]["status"] == "Synced"
    assert [entry["id"] for entry in world.status["history"]] == [0, 1, 2]


@pytest.mark.shows("`CreateNamespace=true`", "works")
async def test_the_destination_namespace_is_made_first_where_asked_for() -> None:
    world = World(syncPolicy={"automated": {}, "syncOptions": ["CreateNamespace=true"]})
    await world.push(1, "a" * 40, config_map("one"))

    assert [key.kind for _, key, _ in world.server.writes] == ["Namespace", "ConfigMap"]
    namespace = next(obj for key, obj in world.server.objects.items() if key.kind == "Namespace")
    assert "argocd.argoproj.io/tracking-id" not in namespace["metadata"].get("annotations", {})
    assert [r["kind"] for r in world.status["resources"]] == ["ConfigMap"]
