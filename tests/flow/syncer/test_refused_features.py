"""What Argo CD has and Wavegate has not is refused by its name: nothing is written, and the refusal says what it is about."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from sync_world import KEY, URL, World, cm, config_map, project


async def refused(world: World, reason: str, words: str) -> None:
    """Assert that the application is not synced, and that condition and event name what is refused."""
    await world.push(1, "a" * 40, config_map("one"))

    assert world.server.objects == {}
    assert words in [each["message"] for each in world.status["conditions"]]
    (failed,) = world.events("SyncFailed")
    assert (failed.data["reason"], failed.data["detail"]) == (reason, words)


@pytest.mark.shows(
    "Sync options `Replace`, `Force`, `ServerSideApply=false`, `FailOnSharedResource`, `RespectIgnoreDifferences`, "
    "`Prune=confirm`, `Delete=confirm`",
    "refused by name",
    "on the Application and on single objects; every write is a server-side apply",
)
@pytest.mark.parametrize(
    "option",
    [
        "Replace=true",
        "Force=true",
        "ServerSideApply=false",
        "FailOnSharedResource=true",
        "RespectIgnoreDifferences=true",
        "Prune=confirm",
        "Delete=confirm",
    ],
)
async def test_sync_options_without_effect_are_refused_by_name(option: str) -> None:
    world = World(syncPolicy={"automated": {}, "syncOptions": [option]})
    await refused(world, "FeatureUnsupported", f"sync option {option} is not supported yet")

    world = World()
    one = config_map("one")
    one["metadata"]["annotations"] = {"argocd.argoproj.io/sync-options": f"Validate=false, {option}"}
    await world.push(1, "a" * 40, one, config_map("two"))
    assert world.server.objects == {}
    assert f"ConfigMap one: sync option {option} is not supported yet" in world.status["operationState"]["message"]


@pytest.mark.shows(
    "`ignoreDifferences`",
    "refused by name",
    "`jsonPointers`, `jqPathExpressions`, `managedFieldsManagers`; fields that others own are no drift anyway",
)
@pytest.mark.parametrize("part", ["jsonPointers", "jqPathExpressions", "managedFieldsManagers"])
async def test_ignored_differences_are_refused_by_name(part: str) -> None:
    world = World(ignoreDifferences=[{"kind": "ConfigMap", part: ["x"]}])
    await refused(world, "FeatureUnsupported", f"spec.ignoreDifferences[0].{part} is not supported yet")


@pytest.mark.shows("Source hydrator, `managedNamespaceMetadata`", "refused by name")
@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ({"sourceHydrator": {"drySource": {"repoURL": URL}}}, "spec.sourceHydrator"),
        (
            {"syncPolicy": {"managedNamespaceMetadata": {"labels": {"a": "b"}}}},
            "spec.syncPolicy.managedNamespaceMetadata",
        ),
    ],
)
async def test_parts_of_the_spec_without_effect_are_refused_by_name(spec: dict[str, Any], name: str) -> None:
    await refused(World(**spec), "FeatureUnsupported", f"{name} is not supported yet")


@pytest.mark.shows("Clusters other than the one that Wavegate runs in", "refused by name", "in Argo CD's own words")
@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        ({"name": "far-away"}, "there are no clusters with this name: far-away"),
        ({"server": "https://far.example"}, "there are no clusters with this server: https://far.example"),
    ],
)
async def test_another_cluster_is_refused_by_name(cluster: dict[str, str], words: str) -> None:
    await refused(World(destination={**cluster, "namespace": "prod"}), "DestinationUnknown", words)


@pytest.mark.shows(
    "Sync windows",
    "refused by name",
    "while a project has any, none of its applications starts a sync or heals itself: `SyncWaiting` says why",
)
async def test_sync_windows_hold_every_sync_and_say_that_they_are_not_supported() -> None:
    world = World()
    windows = [{"kind": "allow", "schedule": "* * * * *", "duration": "1h", "applications": ["*"]}]
    world.records.projects["default"] = project(syncWindows=windows)
    await world.push(1, "a" * 40, config_map("one"))

    assert world.server.objects == {}
    (waiting,) = world.events("SyncWaiting")
    assert waiting.data["reason"] == "SyncWindow"
    assert waiting.data["detail"].startswith("sync windows are not supported yet: ")


@pytest.mark.shows(
    "`operation.sync`: `dryRun`, `manifests`, `source`, `sources`, `syncStrategy` with `force`, "
    "`syncOptions` that the Application has not",
    "refused by name",
)
@pytest.mark.parametrize(
    ("sync", "words"),
    [
        ({"dryRun": True}, "operation.sync.dryRun is not supported yet"),
        ({"manifests": ["{}"]}, "operation.sync.manifests is not supported yet"),
        ({"source": {"repoURL": URL}}, "operation.sync.source is not supported yet"),
        ({"sources": [{"repoURL": URL}]}, "operation.sync.sources is not supported yet"),
        (
            {"syncStrategy": {"apply": {"force": True}}},
            "operation.sync.syncStrategy with force is not supported yet",
        ),
    ],
)
async def test_parts_of_a_request_without_effect_are_refused_by_name(sync: dict[str, Any], words: str) -> None:
    world = World(syncPolicy={})
    await world.push(1, "a" * 40, config_map("one"))
    world.records.change(KEY, {"operation": {"sync": sync}})
    await world.look()

    assert world.server.objects == {}
    state = world.status["operationState"]
    assert (state["phase"], state["message"]) == ("Error", words)
    assert world.events("SyncFailed")[0].data["reason"] == "FeatureUnsupported"


@pytest.mark.shows(
    "ApplicationSet",
    "refused by name",
    "Wavegate brings no such kind, so a sync that holds one fails; where Argo CD's definition is installed, nothing acts on it",
)
async def test_an_application_set_fails_the_sync_where_its_kind_is_not_served() -> None:
    world = World()
    world.server.unserved = {"ApplicationSet"}
    metadata = {"name": "teams", "namespace": "argocd"}
    generated = {"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "metadata": metadata, "spec": {}}
    await world.push(1, "a" * 40, config_map("one"), generated)

    assert world.server.objects == {}
    message = world.status["operationState"]["message"]
    assert "could not find argoproj.io/ApplicationSet for requested resource argocd/teams" in message
    assert world.events("SyncFailed")[0].data["reason"] == "KindUnknown"


@pytest.mark.shows(
    "AppProject: `signatureKeys`, `sourceIntegrity`, `destinationServiceAccounts`, `permitOnlyProjectScopedClusters`",
    "refused by name",
    "nothing of such a project is synced; `orphanedResources` and `roles` have no effect",
)
@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("signatureKeys", [{"keyID": "4AEE18F83AFDEB23"}]),
        ("sourceIntegrity", {"git": {"policies": []}}),
        ("destinationServiceAccounts", [{"server": "*", "namespace": "*", "defaultServiceAccount": "deployer"}]),
        ("permitOnlyProjectScopedClusters", True),
    ],
)
async def test_a_project_that_asks_for_more_safety_than_there_is_syncs_nothing(part: str, value: Any) -> None:
    world = World()
    world.records.projects["default"] = project(**{part: value})
    await refused(world, "FeatureUnsupported", f"AppProject default: spec.{part} is not supported yet")


@pytest.mark.parametrize(
    "rest", [{"permitOnlyProjectScopedClusters": False, "signatureKeys": []}, {"orphanedResources": {"warn": True}}]
)
async def test_a_project_that_asks_for_nothing_of_this_is_synced(rest: dict[str, Any]) -> None:
    world = World()
    world.records.projects["default"] = project(**rest)
    await world.push(1, "a" * 40, config_map("one"))
    assert world.status["sync"]["status"] == "Synced"


async def test_sync_windows_hold_self_heal_too() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one", x="1"))
    world.records.projects["default"] = project(syncWindows=[{"kind": "deny", "schedule": "* * * * *"}])
    world.server.edit(cm("one"), lambda live: live["data"].update(x="2"))
    await world.changed()
    await world.later(400)
    assert world.data("one") == {"x": "2"}
    assert len(world.events("DriftDetected")) == 1

    world.records.projects["default"] = project()
    await world.look()
    assert world.data("one") == {"x": "1"}


@pytest.mark.parametrize(
    "option", ["Replace=true", "Force=true", "Prune=false", "CreateNamespace=true", "Validate=false", "Nonsense=true"]
)
async def test_sync_options_of_a_request_that_the_application_has_not_are_refused_by_name(option: str) -> None:
    world = World(syncPolicy={})
    await world.push(1, "a" * 40, config_map("one"))
    sync = {"prune": True, "syncOptions": ["ServerSideApply=true", option]}
    world.records.change(KEY, {"operation": {"sync": sync}})
    await world.look()

    assert world.server.objects == {}
    message = f"operation.sync.syncOptions: {option} is not supported yet: only what spec.syncPolicy.syncOptions says"
    assert world.status["operationState"]["message"] == message
    assert world.events("SyncFailed")[0].data["reason"] == "FeatureUnsupported"


async def test_sync_options_of_a_request_that_change_nothing_are_let_through() -> None:
    world = World(syncPolicy={"syncOptions": ["Validate=false"]})
    await world.push(1, "a" * 40, config_map("one"))
    sync = {
        "syncOptions": ["Validate=false", "ServerSideApply=true", "ApplyOutOfSyncOnly=true", "CreateNamespace=false"]
    }
    world.records.change(KEY, {"operation": {"sync": sync}})
    await world.look()
    assert world.status["operationState"]["phase"] == "Succeeded"


async def test_a_sync_option_of_a_request_that_takes_back_the_applications_is_refused() -> None:
    world = World(syncPolicy={"syncOptions": ["CreateNamespace=true"]})
    await world.push(1, "a" * 40, config_map("one"))
    world.records.change(KEY, {"operation": {"sync": {"syncOptions": ["CreateNamespace=false"]}}})
    await world.look()
    assert world.server.objects == {}
    assert "CreateNamespace=false is not supported yet" in world.status["operationState"]["message"]


@pytest.mark.shows(
    "Sources: `tagPrefix`, `kustomize.version`, `helm.version` other than `v3`",
    "refused by name",
    "an `InvalidSpecError`",
)
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"tagPrefix": "app-"}, "spec.source.tagPrefix is not supported yet"),
        ({"kustomize": {"version": "v3.5.4"}}, "spec.source.kustomize.version v3.5.4 is not supported yet"),
        ({"helm": {"version": "v2"}}, "spec.source.helm.version v2 is not supported yet"),
    ],
)
async def test_parts_of_a_source_without_effect_are_refused_by_name(source: dict[str, Any], words: str) -> None:
    await refused(World(source={"repoURL": URL, "path": "deploy", **source}), "FeatureUnsupported", words)
