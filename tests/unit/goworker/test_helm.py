"""`helm template --include-crds`, without the command, the disk or the network."""

import io
import re
import tarfile
from typing import Any

import pytest

from wavegate.goworker import (
    AskedPath,
    GoWorkerPool,
    HelmFileParameter,
    HelmJob,
    HelmParameter,
    MemoryFiles,
    Rendered,
    WorkerError,
    YamlLimits,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHART = {
    "c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n",
    "c/values.yaml": "a: chart\nb: chart\nlist: [1]\n",
    "c/templates/cm.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n"
        "  namespace: {{ .Release.Namespace }}\ndata:\n{{- range $k, $v := .Values }}\n"
        "  {{ $k }}: {{ $v | toJson | quote }}\n{{- end }}\n"
    ),
    "c/templates/NOTES.txt": "never: rendered: as: yaml\n",
}


def data(rendered: Rendered) -> Any:
    return rendered.objects[0]["data"]


def job(**fields: Any) -> HelmJob:
    return HelmJob(**{"path": "c", "release_name": "rel", "namespace": "ns"} | fields)


def template(text: str) -> MemoryFiles:
    return MemoryFiles({"c/Chart.yaml": CHART["c/Chart.yaml"], "c/templates/x.yaml": text})


async def test_release_and_default_values(pool: GoWorkerPool) -> None:
    rendered = await pool.helm(job(), MemoryFiles(CHART))
    assert rendered.objects == (
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "rel", "namespace": "ns"},
            "data": {"a": '"chart"', "b": '"chart"', "list": "[1]"},
        },
    )
    assert rendered.asked == ()


async def test_the_chart_may_be_the_whole_tree(pool: GoWorkerPool) -> None:
    files = MemoryFiles({path.removeprefix("c/"): text for path, text in CHART.items()})
    assert data(await pool.helm(job(path="."), files))["a"] == '"chart"'


async def test_precedence_is_chart_files_inline_set_set_string_set_file(pool: GoWorkerPool) -> None:
    files = MemoryFiles(
        CHART
        | {
            "v/1.yaml": "a: f1\nb: f1\nc: f1\nd: f1\ne: f1\nf: f1\n",
            "v/2.yaml": "b: f2\nc: f2\nd: f2\ne: f2\nf: f2\n",
            "v/text": "file",
        }
    )
    rendered = await pool.helm(
        job(
            value_files=("v/1.yaml", "v/./2.yaml"),
            values="c: inline\nd: inline\ne: inline\nf: inline\n",
            parameters=(
                HelmParameter("e", "7", force_string=True),
                HelmParameter("d", "7"),
                HelmParameter("e", "set"),
                HelmParameter("f", "set"),
                HelmParameter("list[0]", "true"),
            ),
            file_parameters=(HelmFileParameter("f", "v/text"),),
        ),
        files,
    )
    assert data(rendered) == {
        "a": '"f1"', "b": '"f2"', "c": '"inline"', "d": "7", "e": '"7"', "f": '"file"', "list": "[true]",
    }  # fmt: skip
    assert rendered.asked == (
        AskedPath("read", "v/1.yaml", found=True),
        AskedPath("read", "v/2.yaml", found=True),
        AskedPath("read", "v/text", found=True),
    )


async def test_a_value_file_inside_the_chart_is_not_part_of_the_read_set(pool: GoWorkerPool) -> None:
    rendered = await pool.helm(job(value_files=("c/prod.yaml",)), MemoryFiles(CHART | {"c/prod.yaml": "a: prod\n"}))
    assert (data(rendered)["a"], rendered.asked) == ('"prod"', ())


async def test_subcharts_conditions_and_globals(pool: GoWorkerPool) -> None:
    below = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {g: {{ .Values.global.g }}, x: {{ .Values.x }}}\n"
    )
    dependencies = "dependencies: [{name: up, version: 1.0.0}, {name: down, version: 1.0.0, condition: down.enabled}]\n"
    files = MemoryFiles(
        {
            "c/Chart.yaml": CHART["c/Chart.yaml"] + dependencies,
            "c/values.yaml": "global: {g: shared}\nup: {x: parent}\ndown: {enabled: false}\n",
            "c/charts/up/Chart.yaml": "apiVersion: v2\nname: up\nversion: 1.0.0\n",
            "c/charts/up/values.yaml": "x: own\n",
            "c/charts/up/templates/cm.yaml": below % "up",
            "c/charts/down/Chart.yaml": "apiVersion: v2\nname: down\nversion: 1.0.0\n",
            "c/charts/down/templates/cm.yaml": below % "down",
        }
    )
    rendered = await pool.helm(job(), files)
    assert [(o["metadata"]["name"], o["data"]) for o in rendered.objects] == [("up", {"g": "shared", "x": "parent"})]


CRD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\n"


@pytest.mark.parametrize(("skip", "kinds"), [(False, ["CustomResourceDefinition", "ConfigMap"]), (True, ["ConfigMap"])])
async def test_crds_come_first_or_are_left_out(pool: GoWorkerPool, skip: bool, kinds: list[str]) -> None:
    rendered = await pool.helm(job(skip_crds=skip), MemoryFiles(CHART | {"c/crds/x.yaml": CRD}))
    assert [o["kind"] for o in rendered.objects] == kinds


HOOK = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s, annotations: {helm.sh/hook: %s}}\n"


@pytest.mark.parametrize(("skip", "names"), [(False, ["a", "test"]), (True, ["a"])])
async def test_hooks_keep_their_annotations_and_tests_can_be_left_out(
    pool: GoWorkerPool, skip: bool, names: list[str]
) -> None:
    rendered = await pool.helm(job(skip_tests=skip), template(HOOK % ("test", "test") + HOOK % ("a", "pre-install")))
    assert sorted(o["metadata"]["name"] for o in rendered.objects) == names
    by_name = {o["metadata"]["name"]: o["metadata"]["annotations"] for o in rendered.objects}
    assert by_name["a"] == {"helm.sh/hook": "pre-install"}


async def test_kube_and_api_versions_reach_the_chart(pool: GoWorkerPool) -> None:
    text = (
        "a: {{ .Capabilities.KubeVersion.Version }}\nb: {{ .Capabilities.APIVersions.Has \"x.y/v1\" }}\n"
        "c: {{ .Capabilities.APIVersions.Has \"z.y/v1\" }}\n"
    )  # fmt: skip
    rendered = await pool.helm(job(kube_version="1.31", api_versions=("x.y/v1",)), template(text))
    assert rendered.objects == ({"a": "v1.31", "b": True, "c": False},)


async def test_helmignore_is_honoured(pool: GoWorkerPool) -> None:
    files = MemoryFiles(CHART | {"c/.helmignore": "templates/bad*\nsecret/\n", "c/templates/bad.yaml": "{{ fail }}", "c/secret/x": "x", "c/templates/files.yaml": 'a: {{ .Files.Get "secret/x" | quote }}\n'})  # fmt: skip
    rendered = await pool.helm(job(), files)
    assert {"a": ""} in rendered.objects


async def test_a_chart_reaches_neither_cluster_environment_nor_dns(pool: GoWorkerPool) -> None:
    text = 'a: {{ lookup "v1" "Secret" "" "" | toJson }}\nb: {{ getHostByName "localhost" | quote }}\nc: {{ .Files.Get "../../etc/passwd" | quote }}\n'  # fmt: skip
    rendered = await pool.helm(job(), template(text))
    assert rendered.objects == ({"a": {}, "b": "", "c": ""},)
    with pytest.raises(WorkerError, match='function "env" not defined'):
        await pool.helm(job(), template('a: {{ env "HOME" }}'))


@pytest.mark.parametrize(
    ("files", "fields", "message"),
    [
        ({}, {}, "Chart.yaml file is missing"),
        ({"c/Chart.yaml": "apiVersion: v2\nname: ../../x\nversion: 1.0.0\n"}, {}, 'validation: chart.metadata.name "../../x" is invalid'),
        ({"c/Chart.yaml": "apiVersion: v2\nname: l\nversion: 1.0.0\ntype: library\n"}, {}, "library charts are not installable"),
        (
            {"c/Chart.yaml": CHART["c/Chart.yaml"] + "dependencies: [{name: redis, version: 1.0.0, repository: 'https://charts.example'}]\n"},
            {},
            "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: redis",
        ),
        (CHART, {"value_files": ("v.yaml",)}, "open v.yaml: no such file or directory"),
        (CHART | {"v.yaml": "a: [\n"}, {"value_files": ("v.yaml",)}, "failed to parse v.yaml: cannot unmarshal yaml document: error converting YAML to JSON: yaml: line 1: did not find expected node content"),
        (CHART, {"values": "- a\n"}, "failed to parse inline values/: cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}"),
        (CHART, {"parameters": (HelmParameter("a[999999999]", "1"),)}, "failed parsing --set data: index of 999999999 is greater than maximum supported index of 65536"),
        (CHART, {"kube_version": "x"}, 'invalid kube version \'x\': could not parse "x" as version'),
        (CHART | {"c/templates/x.yaml": '{{ fail "no" }}'}, {}, 'execution error at (c/templates/x.yaml:1:3): no'),
        (CHART | {"c/values.schema.json": '{"required": ["z"]}'}, {}, "values don't meet the specifications of the schema(s) in the following chart(s):\nc:\n- at '': missing property 'z'\n"),
        (CHART, {"release_name": "Bad_Name!"}, 'release name check failed: release name "Bad_Name!": invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53'),
    ],
)  # fmt: skip
async def test_errors_are_helms_own(
    pool: GoWorkerPool, files: dict[str, str], fields: dict[str, Any], message: str
) -> None:
    with pytest.raises(WorkerError) as caught:
        await pool.helm(job(**fields), MemoryFiles(files))
    assert (caught.value.code, caught.value.message) == ("HelmFailed", message)


async def test_output_that_is_no_yaml_names_its_template_or_document(pool: GoWorkerPool) -> None:
    with pytest.raises(WorkerError, match=r"YAML parse error on c/templates/x.yaml"):
        await pool.helm(job(), template("a: [\n"))


async def test_output_past_the_limits_is_named(pool: GoWorkerPool) -> None:
    with pytest.raises(WorkerError, match="YamlLimit: the text has"):
        await pool.helm(job(limits=YamlLimits(max_bytes=10)), MemoryFiles(CHART))


@pytest.mark.parametrize(
    "schema",
    ['{"$ref": "file:///etc/passwd"}', '{"a": [{"\\u0024ref": "http://canary/x"}]}', '{"$ref": "other.json#/x"}'],
)
async def test_schemas_outside_the_chart_are_refused_by_name(pool: GoWorkerPool, schema: str) -> None:
    files = MemoryFiles(CHART | {"c/values.schema.json": schema})
    with pytest.raises(WorkerError, match=r"FeatureRefused: values.schema.json of chart c refers to"):
        await pool.helm(job(), files)
    assert data(await pool.helm(job(skip_schema_validation=True), files))["a"] == '"chart"'


async def test_a_schemas_own_references_are_followed(pool: GoWorkerPool) -> None:
    schema = '{"$schema": "http://json-schema.org/draft-07/schema#", "$id": "https://x.example/s.json", "properties": {"a": {"$ref": "#/definitions/n"}, "b": {"$ref": "https://x.example/s.json#/definitions/n"}}, "definitions": {"n": {"type": "number"}}}'  # fmt: skip
    with pytest.raises(WorkerError, match="at '/a': got string, want number"):
        await pool.helm(job(), MemoryFiles(CHART | {"c/values.schema.json": schema}))


@pytest.mark.parametrize("path", ["../other", "/etc", "a/../../b", ".."])
async def test_paths_outside_the_tree_are_refused_before_anything_is_read(pool: GoWorkerPool, path: str) -> None:
    for fields in ({"path": path}, {"value_files": (path,)}, {"file_parameters": (HelmFileParameter("a", path),)}):
        with pytest.raises(WorkerError, match=r"FileFailed: .* is outside the repository"):
            await pool.helm(job(**fields), MemoryFiles(CHART))


def archive(name: str, size: int) -> bytes:
    """A chart archive with one file of zeros beside its Chart.yaml."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as packed:
        for path, content in (("x/Chart.yaml", b"apiVersion: v2\nname: x\nversion: 1.0.0\n"), (name, bytes(size))):
            member = tarfile.TarInfo(path)
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"c/Chart.yaml": ""}, "chart.metadata.name is required"),
        ({"c/Chart.yaml": "apiVersion: v2\nname: .\nversion: 0.1.0\n"}, 'chart.metadata.name "." is not allowed'),
        ({"c/Chart.yaml": CHART["c/Chart.yaml"] + "dependencies: [null]\n"}, "dependencies must not contain empty or null nodes"),
        ({"c/Chart.yaml": CHART["c/Chart.yaml"] + "dependencies: [{name: x, version: 1.0.0, alias: ../x}]\n"}, "disallowed characters in the alias"),
        (CHART | {"c/charts/x.tgz": archive("x/../../../tmp/x", 1)}, "chart illegally references parent directory"),
        (CHART | {"c/charts/x.tgz": archive("x/big", 101 << 20)}, "decompressed chart is larger than the maximum size 104857600"),
        (CHART | {"c/values.schema.json": '{"$ref": "#"}'}, "reference cycle"),
        (CHART | {"c/values.yaml": "a: &a [x, x]\n" + "".join(f"k{n}: &k{n} [{', '.join(['*' + (f'k{n - 1}' if n else 'a')] * 9)}]\n" for n in range(9))}, "document contains excessive aliasing"),
        (CHART | {"c/templates/x.yaml": '{{ tpl "{{ env \\"HOME\\" }}" . }}'}, 'function "env" not defined'),
        (CHART | {"c/templates/x.yaml": '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}'}, "rendering template has a nested reference name"),
    ],
)  # fmt: skip
async def test_hostile_charts_end_in_an_error(pool: GoWorkerPool, files: dict[str, Any], message: str) -> None:
    with pytest.raises(WorkerError, match=re.escape(message)) as caught:
        await pool.helm(job(), MemoryFiles(files), deadline=10)
    assert caught.value.code == "HelmFailed"
