import pytest

from wavegate.embedded.platform import DEFINITIONS, ROLES
from wavegate.embedded.seeding import collection, of_new_kinds, read_objects


@pytest.mark.parametrize(
    ("found", "path"),
    [
        ({"apiVersion": "v1", "kind": "Namespace", "metadata": {}}, "/api/v1/namespaces"),
        (
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"namespace": "argocd"}},
            "/api/v1/namespaces/argocd/secrets",
        ),
        (
            {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "metadata": {"namespace": "argocd"}},
            "/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects",
        ),
    ],
)
def test_an_object_is_created_in_its_collection(found, path):
    assert collection(found) == path


def test_a_kind_without_a_place_is_named():
    with pytest.raises(ValueError, match="no place is known for a Teapot"):
        collection({"apiVersion": "v1", "kind": "Teapot", "metadata": {}})


def test_every_role_of_the_repository_has_a_place():
    for found in read_objects(ROLES.glob("*.yaml")):
        assert collection(found).startswith(
            ("/apis/rbac.authorization.k8s.io/v1/", "/api/v1/namespaces/argocd/serviceaccounts")
        )


def test_every_definition_of_the_repository_has_a_place():
    for found in read_objects(DEFINITIONS.glob("*.yaml")):
        assert collection(found).endswith("customresourcedefinitions")


def test_objects_of_new_kinds_are_told_from_the_others():
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": {"group": "a.b"}}
    new = {"apiVersion": "a.b/v1", "kind": "New", "metadata": {"name": "x"}}
    known = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}
    assert of_new_kinds([definition, new, known]) == [new]
