"""Bad input ends as a named failure on the Application and as an event; once mended, the next look succeeds."""

import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from sync_world import KEY, World, cm, config_map, custom, project

from wavegate.contracts.commands import SOURCES_LIMIT
from wavegate.syncer.domain.validating import OBJECTS_LIMIT


def conditions(world: World) -> list[tuple[str, str]]:
    return [(each["type"], each["message"]) for each in world.status.get("conditions", [])]


@pytest.mark.shows(
    "AppProject: `sourceRepos`, `destinations`", "works", "Argo CD's own messages; healed when spec or project is"
)
@pytest.mark.parametrize(
    ("spec", "rules", "reason", "message"),
    [
        ({"project": "none"}, {}, "ProjectMissing", "Application referencing project none which does not exist"),
        (
            {},
            {"sourceRepos": ["https://elsewhere/*"]},
            "RepositoryNotPermitted",
            "application repo https://git.example/team/fraud.git is not permitted in project 'default'",
        ),
        (
            {},
            {"destinations": [{"server": "*", "namespace": "dev"}]},
            "DestinationNotPermitted",
            (
                "application destination server 'https://kubernetes.default.svc' and namespace 'prod' do not match "
                "any of the allowed destinations in project 'default'"
            ),
        ),
        (
            {"destination": {"name": "far-away", "namespace": "prod"}},
            {},
            "DestinationUnknown",
            "there are no clusters with this name: far-away",
        ),
        (
            {"ignoreDifferences": [{"kind": "Deployment", "jqPathExpressions": [".x"]}]},
            {},
            "FeatureUnsupported",
            "spec.ignoreDifferences[0].jqPathExpressions is not supported yet",
        ),
    ],
)
async def test_an_application_that_may_not_be_synced_says_why(
    spec: dict[str, Any], rules: dict[str, Any], reason: str, message: str
) -> None:
    world = World(**spec)
    world.records.projects["default"] = project(**rules)
    await world.push(1, "a" * 40, config_map("one"))

    assert ("InvalidSpecError", message) in conditions(world)
    assert world.status["sync"]["status"] == "Unknown"
    assert world.status["health"]["status"] == "Unknown"
    assert world.events("SyncFailed")[0].data["reason"] == reason
    assert world.server.objects == {}

    world.records.change(KEY, {"spec": {"project": "default", "ignoreDifferences": None}})
    world.records.change(KEY, {"spec": {"destination": None}})
    server = {"server": "https://kubernetes.default.svc", "namespace": "prod"}
    world.records.change(KEY, {"spec": {"destination": server}})
    world.records.projects["default"] = project()
    await world.push(1, "a" * 40, config_map("one"))
    assert conditions(world) == []
    assert world.status["sync"]["status"] == "Synced"


async def test_a_forbidden_kind_fails_the_sync_before_anything_is_written_and_the_project_mends_it() -> None:
    world = World()
    world.records.projects["default"] = project(namespaceResourceBlacklist=[{"group": "", "kind": "Secret"}])
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}}
    await world.push(1, "a" * 40, config_map("one"), secret)

    assert world.server.objects == {}
    operation = world.status["operationState"]
    assert operation["phase"] == "Failed"
    assert operation["message"] == (
        "one or more synchronization tasks are not valid: resource :Secret is not permitted in project default"
    )
    assert world.events("SyncFailed")[0].data["reason"] == "KindNotPermitted"

    world.records.projects["default"] = project()
    await world.look()
    assert len(world.server.objects) == 2
    assert world.status["operationState"]["phase"] == "Succeeded"


async def test_an_unknown_kind_is_named_and_tried_again_once_it_is_served() -> None:
    world = World()
    world.server.unserved = {"Model"}
    await world.push(1, "a" * 40, custom("Model", "m", 0))
    assert "could not find example.com/Model" in world.status["operationState"]["message"]
    assert world.status["operationState"]["phase"] == "Failed"

    world.server.unserved = set()
    await world.later(30)
    assert world.status["operationState"]["phase"] == "Succeeded"


@pytest.mark.shows(
    "Retry with growing waits", "works", "without a `retry` block 5, 10, 20, 40, 80 s, as Argo CD documents"
)
async def test_what_a_dry_run_refuses_writes_nothing_and_is_retried_five_times() -> None:
    world = World()
    world.server.refusals[cm("two")] = "data: Invalid value"
    await world.push(1, "a" * 40, config_map("one"), config_map("two"))

    assert world.server.objects == {}
    operation = world.status["operationState"]
    assert operation["phase"] == "Running"
    assert operation["message"].startswith(
        "one or more objects failed to apply (dry run). Retrying attempt #1 at 12:00AM"
    )
    failed = [r for r in operation["syncResult"]["resources"] if r["status"] == "SyncFailed"]
    assert [(r["name"], r["message"]) for r in failed] == [("two", "apply /ConfigMap/prod/two: data: Invalid value")]
    assert world.events("SyncFailed")[0].data["resource"]["name"] == "two"

    while world.due is not None:
        await world.later((world.due - world.clock.now()).total_seconds())
    times = [event.time for event in world.events("IntentAccepted")]
    assert [(after - before).total_seconds() for before, after in pairwise(times)] == [5, 10, 20, 40, 80]
    assert world.status["operationState"]["phase"] == "Failed"
    assert world.status["operationState"]["message"].endswith("(retried 5 times).")
    assert world.told().count("IntentAccepted") == 6


async def test_a_refused_object_is_applied_once_the_cluster_takes_it() -> None:
    world = World()
    world.server.refusals[cm("two")] = "quota exceeded"
    await world.push(1, "a" * 40, config_map("one"), config_map("two"))
    world.server.refusals.clear()
    await world.later(5)

    assert world.status["operationState"]["phase"] == "Succeeded"
    assert world.status["sync"]["status"] == "Synced"


async def test_a_failed_render_is_shown_and_the_last_good_state_stays() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one", value="1"))
    await world.look(world.failed(2, "b" * 40, "chart has no templates"))

    assert conditions(world) == [
        (
            "ComparisonError",
            "Failed to load target state: failed to generate manifest for source 1 of 1: HelmFailed: chart has no templates",
        )
    ]
    assert world.status["sync"]["status"] == "Unknown"
    assert world.data("one") == {"value": "1"}

    await world.push(3, "c" * 40, config_map("one", value="3"))
    assert conditions(world) == []
    assert world.status["sync"]["status"] == "Synced"


async def test_an_unreachable_repository_is_shown_until_it_answers() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one"))
    world.records.failure = {
        "reason": "RepositoryUnreachable",
        "message": "connection refused",
        "since": "2026-01-01T00:00:00Z",
    }
    await world.look()
    assert conditions(world)[0] == (
        "ComparisonError",
        "Failed to load target state: RepositoryUnreachable: connection refused",
    )

    world.records.failure = None
    await world.look()
    assert conditions(world) == []
    assert world.status["sync"]["status"] == "Synced"


@pytest.mark.shows(
    "Hooks: PreSync, Sync, PostSync, SyncFail, PreDelete, PostDelete, Helm's",
    "refused by name",
    "nothing of the commit is written; Helm test hooks are passed over, as in Argo CD",
)
async def test_hooks_are_refused_by_name_and_test_hooks_are_passed_over() -> None:
    world = World()
    hook = config_map("migrate")
    hook["metadata"]["annotations"] = {"argocd.argoproj.io/hook": "PreSync"}
    await world.push(1, "a" * 40, config_map("one"), hook)
    assert (
        "ConfigMap migrate is a PreSync hook: hooks are not supported yet" in world.status["operationState"]["message"]
    )

    world = World()
    hook["metadata"]["annotations"] = {"helm.sh/hook": "test"}
    await world.push(1, "a" * 40, config_map("one"), hook)
    assert list(world.server.objects) == [cm("one")]


async def test_a_lost_bundle_is_asked_for_again() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one"))
    world.records.tips = {"main": {"sha": "a" * 40, "seq": 1}}
    bundles = dict(world.bundles.records)
    world.bundles.records.clear()
    world.restart()
    await world.look()

    assert world.told().count("RenderApplication") == 1
    assert world.events("RenderApplication")[0].data["reason"] == "refresh"
    world.bundles.records.update(bundles)
    await world.look()
    assert world.status["sync"]["status"] == "Synced"


async def test_repeated_objects_last_one_wins_with_a_warning() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one", value="1"), config_map("one", value="2"))

    assert world.data("one") == {"value": "2"}
    assert conditions(world) == [
        ("RepeatedResourceWarning", "Resource /ConfigMap/prod/one appeared 2 times among application resources.")
    ]


async def test_a_window_of_the_project_holds_syncs_and_says_so() -> None:
    world = World()
    world.records.projects["default"] = project(syncWindows=[{"kind": "deny", "schedule": "* * * * *"}])
    await world.push(1, "a" * 40, config_map("one"))

    assert world.server.objects == {}
    assert [event.data["reason"] for event in world.events("SyncWaiting")] == ["SyncWindow"]
    assert conditions(world)[0][0] == "SyncError"


async def test_an_address_with_a_password_is_refused_and_shown_nowhere() -> None:
    world = World(source={"repoURL": "https://ann:CANARY@git.example/team/fraud.git", "path": "deploy"})
    world.records.projects["default"] = project(sourceRepos=["https://elsewhere/*"])
    world.records.tips = {"HEAD": {"sha": "a" * 40, "seq": 1}}
    await world.look()

    assert ("InvalidSpecError", "a repository address must not hold a password or token") in conditions(world)
    said = f"{[entry.data for entry in world.bus.stored.values()]} {world.state} {conditions(world)}"
    assert "CANARY" not in said


async def test_a_user_in_an_address_is_not_told() -> None:
    world = World(source={"repoURL": "https://CANARY@git.example/team/fraud.git", "path": "deploy"})
    world.records.tips = {"HEAD": {"sha": "a" * 40, "seq": 1}}
    await world.look()

    assert world.told() == ["RenderApplication"]
    assert "CANARY" not in f"{[entry.data for entry in world.bus.stored.values()]} {world.state}"


async def test_sources_that_no_message_can_carry_are_refused_by_name() -> None:
    values = {"helm": {"values": "x" * SOURCES_LIMIT}}
    world = World(source={"repoURL": "https://git.example/team/fraud.git", "path": "deploy", **values})
    world.records.tips = {"HEAD": {"sha": "a" * 40, "seq": 1}}
    await world.look()

    assert conditions(world) == [
        ("InvalidSpecError", f"the application's sources have more than {SOURCES_LIMIT} bytes")
    ]
    assert "RenderApplication" not in world.told()


async def test_more_objects_than_can_be_remembered_are_refused_by_name() -> None:
    world = World()
    await world.push(1, "a" * 40, *(config_map(f"c{number}") for number in range(OBJECTS_LIMIT + 1)))

    assert world.server.objects == {}
    assert world.events("SyncFailed")[0].data["reason"] == "TooManyObjects"
    assert "more than 2000 in one application" in world.status["operationState"]["message"]
