"""`kustomize build` of a tree that is asked for, never read from disk."""

import asyncio
from typing import Any

import pytest

from wavegate.goworker import (
    AskedPath,
    GoWorkerPool,
    KustomizeJob,
    KustomizePatch,
    KustomizeReplica,
    KustomizeTarget,
    MemoryFiles,
    Rendered,
    WorkerError,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.25"}]}
"""
BASE = {"base/kustomization.yaml": "resources: [web.yaml]\n", "base/web.yaml": DEPLOYMENT}
OVERLAY = BASE | {"over/kustomization.yaml": "resources: [../base]\nnamePrefix: old-\n"}


async def build(pool: GoWorkerPool, files: dict[str, str], **fields: Any) -> Rendered:
    return await pool.kustomize(KustomizeJob(**{"path": "over"} | fields), MemoryFiles(files))


async def built(pool: GoWorkerPool, files: dict[str, str], **fields: Any) -> Any:
    return (await build(pool, files, **fields)).objects[0]


async def test_an_overlay_reads_its_base_and_the_read_set_says_so(pool: GoWorkerPool) -> None:
    rendered = await build(pool, OVERLAY)
    assert [o["metadata"]["name"] for o in rendered.objects] == ["old-web"]
    assert rendered.asked == (
        AskedPath("stat", "base", found=True),
        AskedPath("stat", "base/kustomization.yaml", found=True),
        AskedPath("read", "base/kustomization.yaml", found=True),
        AskedPath("stat", "base/kustomization.yml", found=False),
        AskedPath("stat", "base/Kustomization", found=False),
        AskedPath("stat", "base/web.yaml", found=True),
        AskedPath("read", "base/web.yaml", found=True),
    )


async def test_a_folder_too_large_to_send_is_asked_for(pool: GoWorkerPool) -> None:
    many = {f"over/{n:04}.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{n}}}\n" for n in range(300)}
    listed = "".join(f"- {path.removeprefix('over/')}\n" for path in many)
    rendered = await build(pool, many | {"over/kustomization.yaml": "resources:\n" + listed})
    assert [o["metadata"]["name"] for o in rendered.objects] == [f"c{n}" for n in range(300)]
    assert rendered.asked == ()


async def test_the_tree_itself_may_be_the_kustomization(pool: GoWorkerPool) -> None:
    files = {path.removeprefix("base/"): text for path, text in BASE.items()}
    assert (await built(pool, files, path=""))["metadata"]["name"] == "web"


async def test_argo_cds_options_are_edits(pool: GoWorkerPool) -> None:
    web = await built(
        pool,
        OVERLAY,
        name_prefix="-p-",
        name_suffix="-s",
        namespace="prod",
        images=("nginx=registry.example/nginx:1.27",),
        replicas=(KustomizeReplica("web", 3),),
        common_labels={"team": "ml", "zone": 'a"b:c'},
        common_annotations={"note": "x,y: z"},
    )
    assert web["metadata"] == {
        "name": "-p-web-s",
        "namespace": "prod",
        "labels": {"team": "ml", "zone": 'a"b:c'},
        "annotations": {"note": "x,y: z"},
    }
    assert web["spec"]["replicas"] == 3
    assert web["spec"]["selector"]["matchLabels"] == {"app": "web", "team": "ml", "zone": 'a"b:c'}
    assert web["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.example/nginx:1.27"


async def test_labels_without_selector_and_with_templates(pool: GoWorkerPool) -> None:
    web = await built(pool, OVERLAY, common_labels={"team": "ml"}, label_without_selector=True)
    assert (web["metadata"]["labels"], web["spec"]["selector"]) == ({"team": "ml"}, {"matchLabels": {"app": "web"}})
    assert web["spec"]["template"]["metadata"]["labels"] == {"app": "web"}
    web = await built(
        pool, OVERLAY, common_labels={"team": "ml"}, label_without_selector=True, label_include_templates=True
    )
    assert web["spec"]["template"]["metadata"]["labels"] == {"app": "web", "team": "ml"}


async def test_a_label_that_is_there_needs_force(pool: GoWorkerPool) -> None:
    files = OVERLAY | {"over/kustomization.yaml": "resources: [../base]\ncommonLabels: {team: old}\n"}
    with pytest.raises(WorkerError, match=r"label team already in kustomization file. Use --force to override"):
        await built(pool, files, common_labels={"team": "new"})
    web = await built(pool, files, common_labels={"team": "new"}, force_common_labels=True)
    assert web["metadata"]["labels"] == {"team": "new"}


async def test_patches_are_appended_to_those_of_the_file(pool: GoWorkerPool) -> None:
    files = OVERLAY | {
        "over/kustomization.yaml": "resources: [../base]\npatches: [{path: p.yaml}]\n",
        "over/p.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 5, paused: true}\n",
        "over/q.yaml": "- {op: add, path: /metadata/annotations, value: {q: 'yes'}}\n",
    }
    web = await built(
        pool,
        files,
        patches=(
            KustomizePatch(
                patch="- op: replace\n  path: /spec/replicas\n  value: 7\n",
                target=KustomizeTarget(kind="Deployment", name="we.*"),
            ),
            KustomizePatch(path="q.yaml", target=KustomizeTarget(group="apps", label_selector="!absent")),
        ),
    )
    assert (web["spec"]["replicas"], web["spec"]["paused"]) == (7, True)
    assert web["metadata"]["annotations"] == {"q": "yes"}


async def test_patch_options_are_refused_by_name(pool: GoWorkerPool) -> None:
    with pytest.raises(WorkerError, match=r"FeatureRefused: patch options \(allowNameChange\)"):
        await built(pool, OVERLAY, patches=(KustomizePatch(patch="x", options={"allowNameChange": True}),))


COMPONENT = OVERLAY | {
    "comp/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -c\n"
}


async def test_components_are_added_and_missing_ones_can_be_ignored(pool: GoWorkerPool) -> None:
    rendered = await build(pool, COMPONENT, components=("../comp", "../absent"), ignore_missing_components=True)
    assert rendered.objects[0]["metadata"]["name"] == "old-web-c"
    assert AskedPath("stat", "absent", found=False) in rendered.asked
    with pytest.raises(WorkerError, match=r"KustomizeFailed: ../absent has no match"):
        await build(pool, COMPONENT, components=("../absent",))


async def test_generators_hash_their_content(pool: GoWorkerPool) -> None:
    files = {"over/kustomization.yaml": "configMapGenerator: [{name: c, files: [a.txt]}]\n", "over/a.txt": "hello"}
    config = await built(pool, files)
    assert config["data"] == {"a.txt": "hello"}
    assert config["metadata"]["name"].startswith("c-")


@pytest.mark.shows("Kustomize: remote bases", "refused by name")
@pytest.mark.parametrize(
    "address",
    [
        "https://canary.example/x.yaml",
        "http://127.0.0.1:9/x.yaml",
        "https://github.com/x/y//z?ref=v1",
        "git::ssh://canary.example/x",
        "github.com/x/y//z?ref=--upload-pack=touch",
        "git@github.com:x/y",
        "ssh://git@canary.example/x/y",
    ],
)
@pytest.mark.parametrize("place", ["resources", "components", "crds", "patchesStrategicMerge"])
async def test_remote_bases_are_refused_by_name(pool: GoWorkerPool, place: str, address: str) -> None:
    with pytest.raises(WorkerError) as caught:
        await built(pool, {"over/kustomization.yaml": f"{place}: ['{address}']\n"})
    remote_file = address.startswith("http")
    if remote_file or place in ("resources", "components"):
        assert caught.value.code == "RemoteBaseForbidden"


async def test_a_remote_file_is_not_even_called(pool: GoWorkerPool) -> None:
    calls = []

    async def called(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(writer.get_extra_info("peername"))
        writer.close()

    async with await asyncio.start_server(called, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(WorkerError, match="RemoteBaseForbidden"):
            await built(pool, {"over/kustomization.yaml": f"resources: ['http://127.0.0.1:{port}/x.yaml']\n"})
    assert calls == []


@pytest.mark.shows("Kustomize: plug-ins, functions, `helmCharts`", "refused by name")
@pytest.mark.parametrize(
    "files",
    [
        {"over/kustomization.yaml": "helmCharts: [{name: x, repo: https://canary.example, version: 1.0.0}]\n"},
        {
            "over/kustomization.yaml": "generators: [g.yaml]\n",
            "over/g.yaml": "apiVersion: x/v1\nkind: Evil\nmetadata: {name: g, annotations: {config.kubernetes.io/function: 'exec: {path: /bin/sh}'}}\n",
        },
        {
            "over/kustomization.yaml": "transformers: [g.yaml]\nresources: [../base]\n",
            "over/g.yaml": "apiVersion: x/v1\nkind: Evil\nmetadata: {name: g, annotations: {config.kubernetes.io/function: 'container: {image: evil}'}}\n",
        },
    ],
)  # fmt: skip
async def test_plugins_functions_and_helm_are_refused_by_name(pool: GoWorkerPool, files: dict[str, str]) -> None:
    with pytest.raises(WorkerError, match="FeatureRefused: plugins, functions and Helm inflation are refused"):
        await built(pool, BASE | files)


@pytest.mark.parametrize(
    ("kustomization", "message"),
    [
        ("resources: [../../../../etc/passwd]\n", "no such file or directory"),
        ("resources: [/etc/passwd]\n", "security; file '/etc/passwd' is not in or below|no such file or directory"),
        ("resources: [../base/web.yaml]\n", "security; file 'base/web.yaml' is not in or below 'over'"),
        ("configMapGenerator: [{name: c, files: [../base/web.yaml]}]\n", "security; file 'base/web.yaml' is not in or below"),
        ("resources: [.]\n", "cycle detected"),
        ("resources: [..]\n", "cycle detected"),
        ("resources: [absent.yaml]\n", "no such file or directory"),
        ("resources: 5\n", "cannot unmarshal"),
        ("{}\n", "kustomization.yaml is empty"),
    ],
)  # fmt: skip
async def test_errors_are_kustomizes_own(pool: GoWorkerPool, kustomization: str, message: str) -> None:
    with pytest.raises(WorkerError, match=message) as caught:
        await built(pool, BASE | {"over/kustomization.yaml": kustomization})
    assert caught.value.code == "KustomizeFailed"
    assert "/repository/" not in caught.value.message


async def test_a_path_beside_the_tree_is_never_asked_for(pool: GoWorkerPool) -> None:
    class Wary(MemoryFiles):
        async def stat(self, path: str) -> Any:
            assert not path.startswith((".", "/"))
            return await super().stat(path)

    files = {"over/kustomization.yaml": "resources: [../../../x, /repositoryx/y]\n"}
    with pytest.raises(WorkerError, match="no such file or directory"):
        await pool.kustomize(KustomizeJob("over"), Wary(files))


async def test_no_kustomization_is_an_error(pool: GoWorkerPool) -> None:
    with pytest.raises(WorkerError, match=r"unable to find one of 'kustomization.yaml', 'kustomization.yml' or"):
        await built(pool, {"over/x.yaml": "a: 1\n"})
    with pytest.raises(WorkerError, match="stat over: no such file or directory"):
        await built(pool, {"x.yaml": "a: 1\n"})


async def test_what_the_source_raises_reaches_the_caller_and_the_pool_lives(pool: GoWorkerPool) -> None:
    class Broken(MemoryFiles):
        async def read(self, path: str) -> bytes | None:
            if path.startswith("base/"):
                raise PermissionError(path)
            return await super().read(path)

    with pytest.raises(PermissionError, match=r"base/kustomization.yaml"):
        await pool.kustomize(KustomizeJob("over"), Broken(OVERLAY))
    assert (await built(pool, OVERLAY))["metadata"]["name"] == "old-web"


async def test_bases_that_include_each_other_end_in_an_error(pool: GoWorkerPool) -> None:
    files = {"over/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../over]\n"}
    with pytest.raises(WorkerError, match="cycle detected"):
        await built(pool, files)


async def test_a_long_chain_of_bases_is_built_and_recorded(pool: GoWorkerPool) -> None:
    files = {f"b{n}/kustomization.yaml": f"resources: [../b{n + 1}]\n" for n in range(200)}
    files |= {"b200/kustomization.yaml": "resources: [web.yaml]\n", "b200/web.yaml": DEPLOYMENT}
    rendered = await build(pool, files, path="b0")
    assert rendered.objects[0]["metadata"]["name"] == "web"
    assert AskedPath("read", "b200/web.yaml", found=True) in rendered.asked
