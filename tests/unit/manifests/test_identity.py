import pytest

from wavegate.manifests.identity import (
    ObjectKey,
    TrackingId,
    intent_of,
    key_of,
    owner_of,
    tracked,
    tracking_name,
)


@pytest.mark.parametrize(
    ("key", "spelled"),
    [
        (ObjectKey("apps", "Deployment", "default", "my-deployment"), "my-app:apps/Deployment:default/my-deployment"),
        (ObjectKey("", "ConfigMap", "ns", "name"), "my-app:/ConfigMap:ns/name"),
        (ObjectKey("rbac.authorization.k8s.io", "Role", "ns", "a:b"), "my-app:rbac.authorization.k8s.io/Role:ns/a:b"),
    ],
)
def test_tracking_ids_are_argo_cds(key: ObjectKey, spelled: str) -> None:
    assert str(TrackingId("my-app", key)) == spelled
    assert TrackingId.parse(spelled) == TrackingId("my-app", key)


@pytest.mark.parametrize(
    "text", ["", "app", "app:apps/Deployment", "app:Deployment:ns/x", "app:a/b/c:ns/x", "app:a/b:x"]
)
def test_a_malformed_id_tracks_nothing(text: str) -> None:
    assert TrackingId.parse(text) is None


def test_a_cluster_scoped_object_names_the_destinations_namespace() -> None:
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}}

    marked = tracked(role, "app", "prod")

    assert marked["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] == (
        "app:rbac.authorization.k8s.io/ClusterRole:prod/r"
    )
    assert owner_of(marked) == "app"


def test_a_copy_of_a_tracked_object_belongs_to_nobody() -> None:
    original = tracked(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "n"}}, "app", "n"
    )
    copy = {**original, "metadata": {**original["metadata"], "name": "b"}}
    made = {**original, "metadata": {**original["metadata"], "ownerReferences": [{"uid": "u"}]}}

    assert owner_of(original) == "app"
    assert owner_of(copy) is None
    assert owner_of(made) is None


def test_definitions_are_not_tracked() -> None:
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
    }
    assert tracked(definition, "app", "n") == definition


def test_applications_of_other_namespaces_carry_theirs() -> None:
    assert tracking_name("argocd", "app", "argocd") == "app"
    assert tracking_name("team", "app", "argocd") == "team_app"


def test_keys_survive_their_spelling() -> None:
    key = key_of({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})

    assert str(key) == "/ConfigMap//a"
    assert ObjectKey.parse(str(key)) == key


@pytest.mark.parametrize(("mark", "number"), [("7", 7), ("", 0), ("-1", 0), ("x", 0), ("٣", 0)])
def test_intents_are_read_or_zero(mark: str, number: int) -> None:
    assert intent_of({"metadata": {"annotations": {"wavegate.dev/intent": mark}}}) == number
