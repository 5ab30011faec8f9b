"""What somebody asked to keep is never deleted: neither when Git drops it nor when its application goes."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from sync_world import KEY, World, cm, config_map

ANNOTATION = "argocd.argoproj.io/sync-options"
FINALIZER = "resources-finalizer.argocd.argoproj.io"


def policy(*options: str) -> dict[str, Any]:
    return {"automated": {"prune": True, "selfHeal": True}, "syncOptions": list(options)}


async def annotate(world: World, name: str, option: str) -> None:
    """Somebody marks a live object, as Argo CD may have done before."""
    live = world.server.objects[cm(name)]
    live["metadata"]["annotations"][ANNOTATION] = option
    await world.changed()


async def dropped(world: World) -> None:
    """Git drops the object `two`; then time goes by."""
    await world.push(2, "b" * 40, config_map("one"))
    await world.changed()
    await world.later(400)


async def delete(world: World, *finalizers: str) -> None:
    metadata = {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": list(finalizers)}
    world.records.change(KEY, {"metadata": metadata})
    await world.look()
    await world.later(400)


def deletion_errors(world: World) -> list[str]:
    return [each["message"] for each in world.status["conditions"] if each["type"] == "DeletionError"]


@pytest.mark.shows("`Prune=false`", "works", "on the Application and on single objects: they stay, OutOfSync")
@pytest.mark.parametrize("is_general", [True, False])
async def test_prune_false_keeps_what_git_drops(is_general: bool) -> None:
    world = World(**({"syncPolicy": policy("Prune=false")} if is_general else {}))
    await world.push(1, "a" * 40, config_map("one"), config_map("two"))
    if not is_general:
        await annotate(world, "two", "Prune=false")
    await dropped(world)

    assert cm("two") in world.server.objects
    assert world.status["sync"]["status"] == "OutOfSync"
    (two,) = (each for each in world.status["resources"] if each["name"] == "two")
    assert (two["status"], two["requiresPruning"]) == ("OutOfSync", True)
    results = world.status["operationState"]["syncResult"]["resources"]
    assert [each["message"] for each in results if each["name"] == "two"] == ["ignored (no prune)"]


async def test_pruning_an_object_that_asks_for_confirmation_is_refused_before_anything_is_written() -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one"), config_map("two"))
    await annotate(world, "two", "Prune=confirm")
    await world.push(2, "b" * 40, config_map("one", x="new"))
    await world.later(400)

    assert cm("two") in world.server.objects
    assert world.data("one") == {}
    words = "ConfigMap two: sync option Prune=confirm is not supported yet"
    assert words in world.status["operationState"]["message"]
    assert words in next(each for each in world.status["conditions"] if each["type"] == "SyncError")["message"]
    assert world.events("SyncFailed")[0].data["reason"] == "FeatureUnsupported"


@pytest.mark.shows("`Delete=false`", "works", "on the Application and on single objects: they outlive the Application")
@pytest.mark.parametrize("is_general", [True, False])
async def test_delete_false_keeps_objects_when_the_application_goes(is_general: bool) -> None:
    world = World(**({"syncPolicy": policy("Delete=false")} if is_general else {}))
    await world.push(1, "a" * 40, config_map("one"))
    if not is_general:
        await annotate(world, "one", "Delete=false")
    await delete(world, FINALIZER)

    assert cm("one") in world.server.objects
    assert "finalizers" not in world.records.applications[KEY]["metadata"]


@pytest.mark.parametrize("is_general", [True, False])
async def test_deletion_that_asks_for_confirmation_is_held_by_name(is_general: bool) -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one"), config_map("two"))
    if is_general:
        world.records.change(KEY, {"spec": {"syncPolicy": policy("Delete=confirm")}})
    else:
        await annotate(world, "two", "Delete=confirm")
    await delete(world, FINALIZER)

    assert {cm("one"), cm("two")} <= set(world.server.objects)
    assert world.records.applications[KEY]["metadata"]["finalizers"] == [FINALIZER]
    words = (
        "sync option Delete=confirm is not supported yet"
        if is_general
        else ("ConfigMap two: sync option Delete=confirm is not supported yet")
    )
    (message,) = deletion_errors(world)
    assert message.startswith(f"nothing is deleted: {words}")
    (waiting,) = world.events("SyncWaiting")
    assert (waiting.data["reason"], waiting.data["detail"]) == ("FeatureUnsupported", message)


@pytest.mark.shows(
    "Argo CD's finalizers for pre- and post-delete hooks", "refused by name", "a `DeletionError` condition"
)
@pytest.mark.parametrize("when", ["pre", "post"])
@pytest.mark.parametrize("cleanup", ["", "/cleanup"])
@pytest.mark.parametrize("others", [(), (FINALIZER,)])
async def test_finalizers_for_delete_hooks_hold_the_deletion_by_name(
    when: str, cleanup: str, others: tuple[str, ...]
) -> None:
    world = World()
    await world.push(1, "a" * 40, config_map("one"))
    name = f"{when}-delete-finalizer.argocd.argoproj.io{cleanup}"
    await delete(world, name, *others)

    assert cm("one") in world.server.objects
    assert deletion_errors(world) == [f"nothing is deleted: finalizer {name} is not supported yet"]
    assert len(world.events("SyncWaiting")) == 1

    world.records.change(KEY, {"metadata": {"finalizers": list(others) or None}})
    await world.look()
    await world.changed()
    assert (cm("one") in world.server.objects) == (not others)


@pytest.mark.parametrize(
    ("finalizer", "propagation"),
    [(FINALIZER, "Foreground"), (f"{FINALIZER}/foreground", "Foreground"), (f"{FINALIZER}/background", "Background")],
)
async def test_the_finalizer_says_what_becomes_of_dependents(finalizer: str, propagation: str) -> None:
    world = World(syncPolicy=policy("PrunePropagationPolicy=orphan"))
    await world.push(1, "a" * 40, config_map("one"))
    await delete(world, finalizer)

    assert world.cluster.propagations == [propagation]
