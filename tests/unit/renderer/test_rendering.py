"""A request becomes exactly the objects that the commit means, once."""

from datetime import timedelta

import pytest
from rendered_world import T0, Link, World, command, hint, manifest, sha

from wavegate.contracts.application import ManifestsRendered, RenderFailed
from wavegate.contracts.failures import Rejected, RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.renderer.domain.objects import Limits
from wavegate.renderer.domain.results import Failed, Rendered
from wavegate.runtime.memory import MemoryBus, VirtualClock
from wavegate.runtime.reconciliation import Reconciliation

DOCUMENTS = f"{manifest('a')}\n---\n{manifest('b')}\n"


async def names(world: World, **source: object) -> list[str]:
    result = await world.rendering.render(command(**source))
    assert isinstance(result, Rendered), result
    return [one["metadata"]["name"] for one in world.objects(result.bundle.digest)]


async def failure(world: World, **source: object) -> Failed:
    result = await world.rendering.render(command(**source))
    assert isinstance(result, Failed), result
    return result


async def test_a_plain_folder_gives_its_objects_in_the_order_of_names_and_documents() -> None:
    files = {
        "app/b.yml": manifest("c"),
        "app/a.yaml": DOCUMENTS,
        "app/c.json": manifest("d"),
        "app/README.md": "x",
        "x.yaml": "{",
    }

    assert await names(World(files)) == ["a", "b", "c", "d"]


async def test_folders_count_only_when_asked_and_in_walking_order() -> None:
    files = {"app/b.yaml": manifest("b"), "app/a/z.yaml": manifest("az"), "app/c/d/e.yaml": manifest("cde")}

    assert await names(World(files)) == ["b"]
    assert await names(World(files), directory={"recurse": True}) == ["az", "b", "cde"]


async def test_include_and_exclude_choose_files() -> None:
    files = {"app/a.yaml": manifest("a"), "app/b.yaml": manifest("b"), "app/t/a.yaml": manifest("ta")}

    assert await names(World(files), directory={"include": "a.*"}) == ["a"]
    assert await names(World(files), directory={"recurse": True, "exclude": "{b.yaml,t/*}"}) == ["a"]


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("just: values", False),
        ("a: [", False),
        ("- a\n- b", False),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: [", True),
        ("apiVersion: v1\n# kind: x\nmetadata: {kind: 1}", True),
        (f"{manifest('ok')}\n---\na: [", True),
        (f"{manifest('ok')}\n---\njust: values", True),
        ("# +argocd:skip-file-rendering\napiVersion: v1\nkind: x\nmetadata: [", False),
        ("", False),
    ],
)
async def test_a_broken_file_fails_only_if_it_was_meant_to_be_a_manifest(text: str, fails: bool) -> None:
    world = World({"app/odd.yaml": text, "app/z.yaml": manifest("z")})
    if fails:
        failed = await failure(world)
        assert failed.reason is Reason.INVALID_MANIFEST
        assert failed.detail.startswith('Failed to unmarshal "odd.yaml": ')
    else:
        assert await names(world) == ["z"]


async def test_a_json_file_holds_one_object() -> None:
    assert (await failure(World({"app/x.json": DOCUMENTS}))).reason is Reason.INVALID_MANIFEST


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("gone", "gone: app path does not exist"),
        ("app/a.yaml", "app/a.yaml: app path is not a directory"),
        ("/app", "/app: app path is absolute"),
        ("../app", "../app: app path outside root"),
    ],
)
async def test_a_bad_path_is_named_in_argo_cds_words(path: str, words: str) -> None:
    assert (await failure(World({"app/a.yaml": manifest("a")}), path=path)).detail == words


async def test_links_inside_are_followed_and_links_outside_refused() -> None:
    inside = {"app/a.yaml": Link("../shared/x.yaml"), "app/gone.yaml": Link("nowhere"), "shared/x.yaml": manifest("x")}
    assert await names(World(inside)) == ["x"]

    for target in ("/etc/passwd", "../../secrets.yaml"):
        failed = await failure(World({"app/a.yaml": Link(target), "app/b.yaml": manifest("b")}))
        assert failed.reason is Reason.PATH_OUTSIDE_REPOSITORY


@pytest.mark.shows("Jsonnet", "refused by name")
async def test_jsonnet_is_refused_by_name() -> None:
    assert (await failure(World({"app/a.jsonnet": "{}"}))).reason is Reason.SOURCE_TYPE_UNSUPPORTED


async def test_limits_are_named() -> None:
    many = World({"app/a.yaml": DOCUMENTS}, Limits(objects=1))
    large = World({"app/a.yaml": DOCUMENTS}, Limits(directory_bytes=20))

    assert (await failure(many)).reason is Reason.TOO_MANY_OBJECTS
    assert (await failure(large)).reason is Reason.MANIFEST_TOO_LARGE


async def test_overrides_beside_the_manifests_count() -> None:
    files = {
        "app/kustomization.yaml": "",
        "app/.argocd-source.yaml": "kustomize: {namePrefix: shared-}",
        "app/.argocd-source-fraud.yaml": "kustomize: {nameSuffix: -own}",
    }
    world = World(files)
    await names(world)

    assert world.ran[0].options.name_prefix == "shared-"  # type: ignore[union-attr]
    assert world.ran[0].options.name_suffix == "-own"  # type: ignore[union-attr]


async def test_missing_value_files_are_left_out_only_when_asked() -> None:
    world = World({"app/Chart.yaml": "", "app/v.yaml": ""})
    files = ["v.yaml", "gone.yaml"]
    await names(world, helm={"valueFiles": files})
    await names(world, helm={"valueFiles": files, "ignoreMissingValueFiles": True})

    assert [plan.value_files for plan in world.ran] == [("app/v.yaml", "app/gone.yaml"), ("app/v.yaml",)]  # type: ignore[union-attr]


async def test_the_same_inputs_never_render_twice() -> None:
    world = World({"app/kustomization.yaml": ""})
    world.commits[sha(2)] = {**world.commits[sha(1)], "elsewhere/x": "changed"}
    first = await world.rendering.render(command())
    second = await world.rendering.render(command(2))

    assert isinstance(first, Rendered)
    assert isinstance(second, Rendered)
    assert len(world.ran) == 1
    assert (second.cached, second.bundle, second.read_set) == (True, first.bundle, first.read_set)


@pytest.mark.shows(
    "Monorepo: rendered again only when something changes that the render looked at",
    "works",
    "known from the render itself; `manifest-generate-paths` is not needed and not read",
)
@pytest.mark.parametrize(
    "change",
    [
        {"app/kustomization.yaml": "changed"},
        {"app/new.yaml": "x"},
        {"base/a.yaml": "changed"},
        {"base/absent.yaml": "there now"},
    ],
)
async def test_whatever_a_render_looked_at_makes_it_render_again(change: dict[str, str]) -> None:
    world = World({"app/kustomization.yaml": "", "base/a.yaml": "a"})
    world.touch = ("base/a.yaml", "base/absent.yaml")
    world.commits[sha(2)] = {**world.commits[sha(1)], **change}
    first = await world.rendering.render(command())
    await world.rendering.render(command(2))
    back = await world.rendering.render(command())

    assert len(world.ran) == 2
    assert isinstance(first, Rendered)
    assert isinstance(back, Rendered)
    assert (back.cached, back.read_set) == (True, first.read_set)


async def test_links_out_of_the_folder_are_part_of_the_read_set() -> None:
    world = World({"app/a.yaml": Link("../shared/x.yaml"), "shared/x.yaml": manifest("x")})
    world.commits[sha(2)] = {**world.commits[sha(1)], "shared/x.yaml": manifest("y")}

    assert await names(world) == ["x"]
    result = await world.rendering.render(command(2))
    assert isinstance(result, Rendered)
    assert not result.cached
    assert world.objects(result.bundle.digest)[0]["metadata"]["name"] == "y"


async def test_another_worker_or_cluster_renders_again_where_it_matters() -> None:
    world = World({"app/Chart.yaml": "", "dir/a.yaml": manifest("a")})
    await names(world)
    await names(world, path="dir")
    parsed = world.parsed
    world.cluster = type(world.cluster)("v1.37.0", ())
    await names(world)
    await names(world, path="dir")

    assert len(world.ran) == 2
    assert world.parsed == parsed


async def test_a_lost_bundle_is_rendered_again() -> None:
    world = World({"app/kustomization.yaml": ""})
    await names(world)
    world.store.records.clear()

    assert await names(world) == ["made"]
    assert len(world.ran) == 2


async def test_a_failing_render_is_not_repeated_until_its_inputs_change() -> None:
    world = World({"app/Chart.yaml": ""})
    world.refusal = Rejected(Reason.HELM_FAILED, "template: boom")
    first = await failure(world)
    again = await failure(world)
    world.refusal = None
    world.commits[sha(2)] = {"app/Chart.yaml": "mended"}

    assert first == again == Failed(Reason.HELM_FAILED, "template: boom", 0)
    assert len(world.ran) == 1
    assert isinstance(await world.rendering.render(command(2)), Rendered)


async def test_a_render_that_ran_out_of_time_may_be_tried_again() -> None:
    world = World({"app/Chart.yaml": ""})
    world.refusal = Rejected(Reason.RENDER_TIMEOUT, "helm did not end within 90 s")
    await failure(world)
    world.refusal = None

    assert await names(world) == ["made"]


@pytest.mark.shows(
    "Multi-source Applications (`sources`)", "partly", "several paths; a source by `ref` is refused by name"
)
async def test_several_sources_are_rendered_in_order_and_the_failing_one_is_named() -> None:
    world = World({"app/a.yaml": manifest("a"), "two/b.yaml": manifest("b")})
    one = command()
    both = one.model_copy(
        update={
            "multi_source": True,
            "sources": tuple(
                one.sources[0].model_copy(update={"spec": {**one.sources[0].spec, "path": path}})
                for path in ("two", "app")
            ),
        }
    )
    result = await world.rendering.render(both)
    assert isinstance(result, Rendered)
    assert [item["metadata"]["name"] for item in world.objects(result.bundle.digest)] == ["b", "a"]

    del world.commits[sha(1)]["app/a.yaml"]
    failed = await world.rendering.render(both)
    assert isinstance(failed, Failed)
    assert (failed.source_index, failed.reason) == (1, Reason.PATH_MISSING)


async def test_the_event_names_commits_cause_and_trace_and_repeats_under_one_id() -> None:
    world, bus = World({"app/a.yaml": manifest("a")}), MemoryBus()
    look = Reconciliation(world.reconciler, None, bus, VirtualClock(T0))
    for _ in range(2):
        await look.run("argocd/fraud", [hint("m1", command(1))])

    (entry,) = bus.stored.values()
    assert entry.type == ManifestsRendered.type_name()
    assert (entry.cause, entry.traceparent) == ("m1", hint("m1", command()).traceparent)
    assert entry.data["commits"][0]["sha"] == sha(1)
    assert entry.data["sourceTypes"] == ["Directory"]


async def test_refusals_are_told_as_events_and_the_message_is_done() -> None:
    world, bus = World({}), MemoryBus()
    await Reconciliation(world.reconciler, None, bus, VirtualClock(T0)).run("argocd/fraud", [hint("m1", command())])

    (entry,) = bus.stored.values()
    assert entry.type == RenderFailed.type_name()
    assert entry.data["reason"] == "PathMissing"


async def test_trouble_outside_is_tried_again_and_told_once_it_lasts() -> None:
    world, bus, clock = World({"app/a.yaml": manifest("a")}), MemoryBus(), VirtualClock(T0)
    world.trouble = RetryLater(Reason.REPOSITORY_UNREACHABLE, "connection refused", 5.0)
    look = Reconciliation(world.reconciler, None, bus, clock)
    with pytest.raises(RetryLater):
        await look.run("argocd/fraud", [hint("m1", command())])
    assert bus.stored == {}

    clock.advance(timedelta(seconds=61).total_seconds())
    await look.run("argocd/fraud", [hint("m1", command())])
    (entry,) = bus.stored.values()
    assert entry.data["reason"] == "RepositoryUnreachable"


async def test_a_look_without_a_request_does_nothing() -> None:
    bus = MemoryBus()
    await Reconciliation(World().reconciler, None, bus, VirtualClock(T0)).run("argocd/fraud")

    assert bus.stored == {}


POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 120\n"


@pytest.mark.shows(
    "Git LFS", "refused by name", "a pointer among the files that a source is rendered from fails the render"
)
async def test_a_pointer_into_git_lfs_is_refused_by_name_and_never_passed_over() -> None:
    folder = World({"app/a.yaml": manifest("a"), "app/models/b.yaml": POINTER})
    chart = World({"app/Chart.yaml": "name: c", "app/values.yaml": POINTER})
    chart.touch = ("app/values.yaml",)

    for world, name in ((folder, "app/models/b.yaml"), (chart, "app/values.yaml")):
        failed = await failure(world, **({"directory": {"recurse": True}} if world is folder else {}))
        assert failed.reason is Reason.FEATURE_UNSUPPORTED
        assert failed.detail == f"{name} is kept in Git LFS, which is not supported yet"


async def test_files_in_git_lfs_that_nothing_is_rendered_from_do_not_matter() -> None:
    assert await names(World({"app/a.yaml": manifest("a"), "app/weights.bin": POINTER})) == ["a"]
