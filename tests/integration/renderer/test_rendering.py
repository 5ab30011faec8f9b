"""A commit on a real server, by way of a real mirror and the real tools, becomes exactly the objects it means."""

import asyncio
import json
from typing import Any

import pytest
from real_renderer import Renderer
from smart_http import Server, Upstream

from wavegate.contracts.commands import PinnedSource, RenderApplication
from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.contracts.references import Commit, ObjectRef
from wavegate.renderer.domain.results import Failed, Rendered
from wavegate.runtime.memory import MemoryBundleStore


def config_map(name: str, **data: str) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}) + "\n"


def command(server: Server, sha: str, path: str, app: str = "fraud", **source: Any) -> RenderApplication:
    spec = {"repoURL": server.url(), "path": path, "targetRevision": "main", **source}
    commit = Commit(repository=server.url(), ref="main", seq=1, sha=sha)
    return RenderApplication(
        object=ObjectRef(namespace="argocd", name=app),
        commits=(commit,),
        project="default",
        sources=(PinnedSource(spec=spec, commit=commit),),
        spec_digest="d",
        destination_namespace="prod",
    )


async def objects(renderer: Renderer, asked: RenderApplication) -> list[dict[str, Any]]:
    result = await renderer.rendering.render(asked)
    assert isinstance(result, Rendered), result
    found: list[dict[str, Any]] = json.loads(renderer.store.records[result.bundle.digest])["objects"]
    return found


async def failure(renderer: Renderer, asked: RenderApplication) -> Failed:
    result = await renderer.rendering.render(asked)
    assert isinstance(result, Failed), result
    return result


CHART = {
    "chart/Chart.yaml": "apiVersion: v2\nname: model\nversion: 0.1.0\n",
    "chart/values.yaml": "replicas: 1\nimage: a\n",
    "chart/templates/cm.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}', namespace: '{{ .Release.Namespace }}'}\n"
        "data: {replicas: '{{ .Values.replicas }}', image: '{{ .Values.image }}', version: '{{ .Capabilities.KubeVersion }}',"
        " apps: '{{ .Capabilities.APIVersions.Has \"apps/v1/Deployment\" }}'}\n"
    ),
    "env/prod.yaml": "replicas: 3\n",
}


async def test_a_chart_is_rendered_with_values_parameters_and_the_clusters_capabilities(
    upstream: Upstream, server: Server, renderer: Renderer
) -> None:
    sha = upstream.commit(CHART)
    helm = {"valueFiles": ["../env/prod.yaml"], "parameters": [{"name": "image", "value": "b,c"}], "values": "x: 1"}
    (made,) = await objects(renderer, command(server, sha, "chart", helm=helm))

    assert made["metadata"] == {"name": "fraud", "namespace": "prod"}
    assert made["data"] == {"replicas": "3", "image": "b,c", "version": "v1.36.3", "apps": "true"}


async def test_a_value_file_outside_the_chart_is_part_of_what_the_render_depends_on(
    upstream: Upstream, server: Server, renderer: Renderer
) -> None:
    helm = {"valueFiles": ["../env/prod.yaml"]}
    first = upstream.commit(CHART)
    other = upstream.commit({**CHART, "unrelated": "x"}, first)
    changed = upstream.commit({**CHART, "env/prod.yaml": "replicas: 5\n"}, other)
    results = [
        await renderer.rendering.render(command(server, sha, "chart", helm=helm)) for sha in (first, other, changed)
    ]

    assert [result.cached for result in results if isinstance(result, Rendered)] == [False, True, False]


async def test_an_overlay_is_built_over_its_base_and_depends_on_it(
    upstream: Upstream, server: Server, renderer: Renderer
) -> None:
    files = {
        "base/kustomization.yaml": "resources: [cm.yaml]\n",
        "base/cm.yaml": config_map("model", image="a"),
        "overlay/kustomization.yaml": "resources: [../base]\nnamePrefix: prod-\n",
    }
    first = upstream.commit(files)
    second = upstream.commit({**files, "base/cm.yaml": config_map("model", image="b")}, first)
    kustomize = {
        "nameSuffix": "-x",
        "commonAnnotations": {"app": "$ARGOCD_APP_NAME"},
        "commonAnnotationsEnvsubst": True,
    }
    made = [await objects(renderer, command(server, sha, "overlay", kustomize=kustomize)) for sha in (first, second)]

    assert [one["metadata"]["name"] for (one,) in made] == ["prod-model-x"] * 2
    assert [one["data"]["image"] for (one,) in made] == ["a", "b"]
    assert made[0][0]["metadata"]["annotations"] == {"app": "fraud"}


async def test_a_folder_gives_its_manifests_and_lists_are_expanded(
    upstream: Upstream, server: Server, renderer: Renderer
) -> None:
    listed = json.dumps(
        {"apiVersion": "v1", "kind": "List", "items": [json.loads(config_map("b")), json.loads(config_map("c"))]}
    )
    files = {"app/1.yaml": config_map("a") + "---\n---\n# nothing\n", "app/2.json": listed, "app/values.yaml": "x: 1\n"}
    made = await objects(renderer, command(server, upstream.commit(files), "app"))

    assert [one["metadata"]["name"] for one in made] == ["a", "b", "c"]


DEEP = "a: " + "[" * 200 + "]" * 200
BOMB = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)
HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"


@pytest.mark.parametrize(
    ("files", "reason", "words"),
    [
        ({"app/a.yaml": HEAD + "a: ["}, Reason.INVALID_MANIFEST, 'Failed to unmarshal "a.yaml"'),
        ({"app/a.yaml": HEAD + "a: 1\na: 2\n"}, Reason.INVALID_MANIFEST, "a"),
        ({"app/a.yaml": HEAD + DEEP}, Reason.TOO_DEEP, "nested deeper"),
        ({"app/a.yaml": HEAD + BOMB}, Reason.ALIAS_BOMB, "aliases"),
        ({"app/Chart.yaml": "name: x"}, Reason.HELM_FAILED, ""),
        (
            {"app/Chart.yaml": CHART["chart/Chart.yaml"], "app/templates/a.yaml": "{{ .Values.x | nope }}"},
            Reason.HELM_FAILED,
            "nope",
        ),
        ({"app/kustomization.yaml": "resources: [gone.yaml]"}, Reason.KUSTOMIZE_FAILED, "gone.yaml"),
        (
            {"app/kustomization.yaml": "resources: [https://canary.example.com/x]"},
            Reason.REMOTE_BASE_FORBIDDEN,
            "canary.example.com",
        ),
    ],
)
async def test_what_does_not_render_ends_as_a_named_failure(
    upstream: Upstream, server: Server, renderer: Renderer, files: dict[str, str], reason: Reason, words: str
) -> None:
    failed = await failure(renderer, command(server, upstream.commit(files), "app"))

    assert failed.reason is reason
    assert words in failed.detail


@pytest.mark.parametrize(
    "files",
    [
        {"app/kustomization.yaml": "resources: [../../../etc/passwd]"},
        {"app/kustomization.yaml": "resources: [/etc/passwd]"},
        {"app/kustomization.yaml": "configMapGenerator: [{name: x, files: [/etc/passwd]}]"},
        {"app/kustomization.yaml": "resources: [../app]"},
        {"app/kustomization.yaml": "generators: [x.yaml]"},
    ],
)
async def test_a_kustomization_reads_nothing_outside_the_repository(
    upstream: Upstream, server: Server, renderer: Renderer, files: dict[str, str]
) -> None:
    """Rows S04 and S06 of the security table."""
    failed = await failure(renderer, command(server, upstream.commit(files), "app"))

    assert "root:" not in failed.detail


async def test_links_out_of_the_repository_are_refused_for_every_tool(
    upstream: Upstream, server: Server, renderer: Renderer
) -> None:
    """Rows S01 and S02 of the security table."""
    for files, link in (
        ({"app/a.yaml": config_map("a")}, "app/b.yaml"),
        ({"app/kustomization.yaml": "resources: [b.yaml]"}, "app/b.yaml"),
        ({f"app/{name.partition('/')[2]}": text for name, text in CHART.items()}, "app/templates/b.yaml"),
    ):
        sha = upstream.commit(files, links={link: "../../../../../etc/passwd"})
        assert (await failure(renderer, command(server, sha, "app"))).reason is Reason.PATH_OUTSIDE_REPOSITORY


async def test_a_server_that_is_away_is_trouble_that_passes(
    upstream: Upstream, server: Server, renderer: Renderer
) -> None:
    sha = upstream.commit({"app/a.yaml": config_map("a")})

    def away(handler: Any) -> bool:
        handler.reply(503)
        return True

    server.answer = away
    with pytest.raises(RetryLater):
        await renderer.rendering.render(command(server, sha, "app"))
    server.answer = lambda _: False
    assert len(await objects(renderer, command(server, sha, "app"))) == 1


async def test_another_replica_finds_what_was_rendered(upstream: Upstream, server: Server, renderer: Renderer) -> None:
    sha = upstream.commit({"app/kustomization.yaml": "resources: [a.yaml]", "app/a.yaml": config_map("a")})
    await objects(renderer, command(server, sha, "app"))
    await renderer.cache.settled()
    renderer.cache.forget()
    result = await renderer.rendering.render(command(server, sha, "app", app="other"))

    assert isinstance(result, Rendered)
    assert result.cached


async def test_a_damaged_record_costs_a_render_and_nothing_else(
    upstream: Upstream, server: Server, renderer: Renderer
) -> None:
    sha = upstream.commit({"app/a.yaml": config_map("a")})
    await objects(renderer, command(server, sha, "app"))
    await renderer.cache.settled()
    renderer.cache.forget()
    store: MemoryBundleStore = renderer.store
    for name in [name for name in store.records if name.startswith("renders/")]:
        store.records[name] = b"{"

    assert len(await objects(renderer, command(server, sha, "app"))) == 1


async def test_fifty_applications_of_one_commit_share_one_fetch(
    upstream: Upstream, server: Server, renderer: Renderer
) -> None:
    files = {f"apps/a{n}/all.yaml": "---\n".join(config_map(f"a{n}-{k}") for k in range(10)) for n in range(50)}
    sha = upstream.commit(files)
    asked = [command(server, sha, f"apps/a{n}") for n in range(50)]
    results = await asyncio.gather(*map(renderer.rendering.render, asked))

    assert all(isinstance(result, Rendered) and result.objects == 10 for result in results)
    assert server.fetches <= 2
