from pathlib import Path

import yaml

from wavegate.demo import content
from wavegate.demo.script import FIRST_WRITES, FLAGS
from wavegate.demo.standins.model_server import FAILURE_RATES
from wavegate.demo.story import cast_names

WAVE = "argocd.argoproj.io/sync-wave"
CLUSTER_SCOPED = {"Namespace"}


def model() -> list[content.Object]:
    return [
        found
        for file in sorted((content.REPOSITORY / content.MODEL).glob("*.yaml"))
        for found in content.documents(file)
    ]


def test_every_wave_from_0_to_5_holds_objects() -> None:
    assert {int(found["metadata"]["annotations"][WAVE]) for found in model()} == set(cast_names.WAVES)


def test_the_project_allows_every_kind_of_the_folder_and_no_other() -> None:
    (project,) = content.documents(content.REPOSITORY / content.PROJECT)
    allowed = {
        (each["group"], each["kind"])
        for part in ("clusterResourceWhitelist", "namespaceResourceWhitelist")
        for each in project["spec"][part]
    }
    used = {(found["apiVersion"].rpartition("/")[0], found["kind"]) for found in model()}

    assert used == allowed


def test_the_names_that_the_story_looks_for_are_in_the_repository() -> None:
    names = {found["metadata"]["name"] for found in model()}
    (application,) = content.documents(content.REPOSITORY / content.APPLICATION)

    assert {
        cast_names.ROLLOUT,
        cast_names.STABLE,
        cast_names.CANARY,
        FLAGS,
        *(name for *_, name in FIRST_WRITES),
    } <= names
    assert application["metadata"]["name"] == cast_names.APPLICATION
    assert application["spec"]["destination"]["namespace"] == cast_names.NAMESPACE


def test_every_trigger_that_is_subscribed_to_is_configured_with_its_templates() -> None:
    (application,) = content.documents(content.REPOSITORY / content.APPLICATION)
    (config_map,) = content.cluster("notifications-cm")
    data = config_map["data"]
    subscribed = {name.split("subscribe.")[1].rpartition(".") for name in application["metadata"]["annotations"]}

    for trigger, _, service in subscribed:
        assert f"service.{service}" in data
        for condition in yaml.safe_load(data[f"trigger.{trigger}"]):
            for template in condition["send"]:
                assert service == "slack" or service in yaml.safe_load(data[f"template.{template}"])


def test_the_copy_names_the_address_that_it_is_served_at(tmp_path: Path) -> None:
    content.copy_repository(tmp_path, "http://127.0.0.1:1/ml/platform.git")
    (application,) = content.documents(tmp_path / content.APPLICATION)
    (project,) = content.documents(tmp_path / content.PROJECT)

    assert application["spec"]["source"]["repoURL"] == "http://127.0.0.1:1/ml/platform.git"
    assert project["spec"]["sourceRepos"] == ["http://127.0.0.1:1/ml/platform.git"]


def test_the_good_and_the_bad_model_differ_in_their_tag_alone() -> None:
    assert FAILURE_RATES["v2"] < 0.01 < FAILURE_RATES["v3"]
