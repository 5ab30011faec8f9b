"""Who is told of a change to what lives: everybody whom it concerns, however we learnt of it."""

from typing import Any, cast

from wavegate.kube import GroupVersionKind, KubeClient, SharedWatch
from wavegate.manifests.identity import ObjectKey
from wavegate.syncer.adapters.living import Living

CONFIG_MAP = GroupVersionKind("", "v1", "ConfigMap")
KEY = ObjectKey("", "ConfigMap", "prod", "shared")


def shared(version: int, owner: str) -> dict[str, Any]:
    tracking = {"argocd.argoproj.io/tracking-id": f"{owner}:/ConfigMap:prod/shared"}
    metadata = {"name": "shared", "namespace": "prod", "uid": "u", "resourceVersion": str(version)}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {**metadata, "annotations": tracking}}


def living() -> tuple[Living, SharedWatch, list[str]]:
    told: list[str] = []
    found = Living(told.append)
    watch = SharedWatch(cast("KubeClient", None), CONFIG_MAP)
    found.follow(CONFIG_MAP, watch)
    watch.put(shared(1, "mine"))
    told.clear()
    return found, watch, told


def test_who_wrote_an_object_is_not_told_of_it() -> None:
    found, _, told = living()
    found.put(shared(2, "mine"), "mine")

    assert told == []


def test_another_application_that_asked_about_the_object_is_told_of_our_write() -> None:
    found, _, told = living()
    found.get(CONFIG_MAP, KEY, "other")
    found.put(shared(2, "mine"), "mine")

    assert told == ["other"]


def test_an_application_whose_object_another_one_takes_or_reads_is_told() -> None:
    found, watch, told = living()
    found.put(shared(2, "other"), "other")
    assert told == ["mine"]

    told.clear()
    found.put(shared(3, "mine"), "other")
    watch.put(shared(3, "mine"))
    assert told == ["mine"]
