"""From what a tool printed to the objects of an application."""

import json
from typing import Any

import pytest

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.renderer.domain.objects import Limits, bundle, checked, expanded

LIMITS = Limits(objects=3, bundle_bytes=1000, object_bytes=300)


def one(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **more}


def test_lists_are_expanded_in_place_and_lists_of_nothing_left_out() -> None:
    given = [
        one("first"),
        {"kind": "List", "items": [one("b"), {"kind": "ConfigMapList", "items": [one("c")]}]},
        {"kind": "ConfigMapList", "apiVersion": "v1", "items": None},
        {"kind": "List", "items": []},
        one("last"),
    ]

    assert [item["metadata"]["name"] for item in expanded(given)] == ["first", "b", "c", "last"]


def test_an_item_that_is_no_object_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        expanded([{"kind": "List", "items": ["x"]}])
    assert refused.value.reason is Reason.INVALID_MANIFEST


@pytest.mark.parametrize(
    "bad",
    [
        {"apiVersion": "v1", "metadata": {"name": "a"}},
        {"kind": "ConfigMap", "metadata": {"name": "a"}},
        {"kind": "ConfigMap", "apiVersion": "v1"},
        {"kind": "ConfigMap", "apiVersion": "v1", "metadata": []},
        {"kind": 1, "apiVersion": "v1", "metadata": {"name": "a"}},
        {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": 5}},
    ],
)
def test_objects_without_identity_are_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(Rejected) as refused:
        checked([one(), bad], LIMITS)
    assert refused.value.reason is Reason.INVALID_MANIFEST


def test_an_object_with_a_generated_name_is_fine() -> None:
    assert checked([{"kind": "Job", "apiVersion": "batch/v1", "metadata": {"generateName": "x-"}}], LIMITS)


def test_too_many_objects_are_refused_by_name() -> None:
    with pytest.raises(Rejected) as refused:
        checked([one()] * 4, LIMITS)
    assert refused.value.reason is Reason.TOO_MANY_OBJECTS


def test_bundles_are_canonical_and_in_order() -> None:
    content = bundle([one("b", data={"z": "é", "a": 1}), one("a")], LIMITS)

    assert content == bundle([json.loads(json.dumps(one("b", data={"a": 1, "z": "é"}))), one("a")], LIMITS)
    assert [item["metadata"]["name"] for item in json.loads(content)["objects"]] == ["b", "a"]


@pytest.mark.parametrize("sizes", [[900], [350]])
def test_large_bundles_and_large_objects_are_refused_by_name(sizes: list[int]) -> None:
    with pytest.raises(Rejected) as refused:
        bundle([one(data={"x": "y" * size}) for size in sizes], LIMITS)
    assert refused.value.reason is Reason.MANIFEST_TOO_LARGE
