from typing import Any

from wavegate.manifests.identity import GroupKind, ObjectKey, key_of
from wavegate.manifests.normalising import normalised

SCOPES = {GroupKind("", "ConfigMap"): True, GroupKind("", "Secret"): True, GroupKind("", "Namespace"): False}


def obj(kind: str, name: str, namespace: str | None = None, api: str = "v1", **more: Any) -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **more}


def test_namespaces_are_settled_by_what_the_server_says() -> None:
    ready = normalised(
        [
            obj("ConfigMap", "a"),
            obj("ConfigMap", "b", "own"),
            obj("Namespace", "n", "wrong"),
            obj("Odd", "o", api="x/v1"),
        ],
        "prod",
        SCOPES.get,
    )

    assert [key_of(each).namespace for each in ready.objects] == ["prod", "own", "", "prod"]


def test_kinds_that_come_with_the_bundle_have_the_scope_of_their_definition() -> None:
    spec = {"group": "x", "names": {"kind": "Odd"}, "scope": "Cluster"}
    definition = obj("CustomResourceDefinition", "d", api="apiextensions.k8s.io/v1", spec=spec)

    ready = normalised([obj("Odd", "o", api="x/v1"), definition], "prod", SCOPES.get)

    assert key_of(ready.objects[0]).namespace == ""


def test_of_repeats_the_last_one_wins_and_all_are_counted() -> None:
    ready = normalised(
        [obj("ConfigMap", "a", data={"v": "1"}), obj("ConfigMap", "a", "prod", data={"v": "2"})], "prod", SCOPES.get
    )

    assert [each["data"] for each in ready.objects] == [{"v": "2"}]
    assert ready.repeated == {ObjectKey("", "ConfigMap", "prod", "a"): 2}


def test_lists_are_taken_apart() -> None:
    listed = {
        "apiVersion": "v1",
        "kind": "List",
        "items": [obj("ConfigMap", "a"), {"kind": "List", "items": [obj("ConfigMap", "b")]}],
    }

    assert [
        key_of(each).name for each in normalised([listed, {"kind": "List", "items": None}], "n", SCOPES.get).objects
    ] == ["a", "b"]


def test_string_data_becomes_data() -> None:
    secret = obj("Secret", "s", data={"a": "eA==", "n": None}, stringData={"b": "hello", "a": "wins"})

    ready = normalised([secret], "n", SCOPES.get).objects[0]

    assert ready["data"] == {"a": "d2lucw==", "n": "", "b": "aGVsbG8="}
    assert "stringData" not in ready


def test_what_only_the_server_sets_and_nulls_are_dropped() -> None:
    given = obj("ConfigMap", "a", status={"x": 1}, data={"a": "1", "b": None})
    given["metadata"].update(creationTimestamp=None, resourceVersion="1", uid="u", managedFields=[])

    ready = normalised([given], "n", SCOPES.get).objects[0]

    assert ready == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "n"},
        "data": {"a": "1"},
    }
