"""What each service may do on the API server, read from the manifests."""

import pytest

from wavegate.contracts.routing import SERVICES
from wavegate.embedded.platform import ROLES
from wavegate.embedded.seeding import read_objects

WRITES = {"create", "update", "patch", "delete", "deletecollection", "bind", "escalate", "impersonate", "*"}


def rules(service):
    found = read_objects([ROLES / f"{service}.yaml"])
    return [(obj["kind"], rule) for obj in found if obj["kind"] in {"Role", "ClusterRole"} for rule in obj["rules"]]


@pytest.mark.parametrize("service", SERVICES)
def test_a_role_is_bound_to_its_service_alone(service):
    for binding in (obj for obj in read_objects([ROLES / f"{service}.yaml"]) if obj["kind"].endswith("Binding")):
        assert {subject["name"] for subject in binding["subjects"]} == {f"wavegate:{service}", f"wavegate-{service}"}


@pytest.mark.parametrize("service", [name for name in SERVICES if name != "syncer"])
def test_only_the_syncer_has_wildcards(service):
    for _, rule in rules(service):
        assert "*" not in {*rule["apiGroups"], *rule["resources"], *rule["verbs"]}


def test_the_renderer_writes_nothing():
    assert not [rule for _, rule in rules("renderer") if WRITES & set(rule["verbs"])]


@pytest.mark.parametrize("service", ["git-watcher", "renderer", "notifier"])
def test_secrets_are_read_in_the_control_plane_namespace_only(service):
    for kind, rule in rules(service):
        if "secrets" in rule["resources"]:
            assert kind == "Role"
            assert not WRITES & set(rule["verbs"])


def test_only_the_analyzer_and_the_syncer_write_the_status_of_rollouts():
    for service in ("git-watcher", "renderer", "notifier"):
        for _, rule in rules(service):
            assert "rollouts/status" not in rule["resources"]
