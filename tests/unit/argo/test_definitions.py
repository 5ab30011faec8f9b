"""The definitions are current, structural, and as open or closed as Argo's."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from wavegate.argo import definitions, generate

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.yaml"))
MANIFESTS = {manifest["spec"]["names"]["kind"]: manifest for manifest in definitions.manifests()}


def schema_of(kind):
    return MANIFESTS[kind]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def version_of(kind):
    return MANIFESTS[kind]["spec"]["versions"][0]


def closed(schema):
    """The schema as JSON Schema, where objects that do not keep unknown fields take none."""
    result = {name: closed(value) if isinstance(value, dict) else value for name, value in schema.items()}
    if "x-kubernetes-int-or-string" in schema:
        return {"type": ["integer", "string"]}
    is_closed = "properties" in schema and schema.get("type") == "object"
    if is_closed and not schema.get("x-kubernetes-preserve-unknown-fields"):
        result["additionalProperties"] = False
    return result


def test_the_files_are_what_the_models_say():
    on_disk = {path.name: path.read_text(encoding="utf-8") for path in generate.FOLDER.glob("*.yaml")}
    assert on_disk == generate.files(), "run `python -m wavegate.argo.generate`"


def test_the_files_hold_the_manifests():
    read = [yaml.safe_load(content) for content in generate.files().values()]
    assert sorted(read, key=str) == sorted(definitions.manifests(), key=str)


def test_files_are_written_where_asked(tmp_path):
    generate.main([str(tmp_path / "new")])
    assert {path.name for path in (tmp_path / "new").iterdir()} == set(generate.files())


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_users_objects_fit_the_schema(path):
    manifest = yaml.safe_load(path.read_text())
    manifest.get("status", {}).pop("sourceHydrator", None)
    without_nulls = drop_nulls(manifest)
    schema = closed(schema_of(manifest["kind"]))
    schema["properties"]["metadata"] = {}
    jsonschema.Draft202012Validator(schema).validate(without_nulls)


def drop_nulls(value):
    """What the API server stores: null is absent."""
    if isinstance(value, dict):
        return {name: drop_nulls(item) for name, item in value.items() if item is not None}
    return [drop_nulls(item) for item in value] if isinstance(value, list) else value


def objects_in(schema, path=""):
    if schema.get("type") == "object":
        yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from objects_in(inner, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from objects_in(schema[key], f"{path}[]")


@pytest.mark.parametrize("kind", ["Application", "Rollout", "AnalysisRun"])
def test_specs_keep_what_is_not_modelled_and_statuses_do_not(kind):
    parts = schema_of(kind)["properties"]
    for path, schema in objects_in(parts["spec"]):
        is_map = "additionalProperties" in schema
        assert is_map or schema.get("x-kubernetes-preserve-unknown-fields"), path
    keeping = {
        path
        for path, schema in objects_in(parts["status"], "status")
        if "properties" in schema and schema.get("x-kubernetes-preserve-unknown-fields")
    }
    assert keeping == set()


def test_subresources_are_argos():
    scale = {
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.HPAReplicas",
        "labelSelectorPath": ".status.selector",
    }
    found = {kind: version_of(kind).get("subresources", {}) for kind in MANIFESTS}
    own = {"RepositoryState", "ApplicationState", "RolloutState", "NotificationLedger"}
    assert found.pop("Rollout") == {"scale": scale, "status": {}}
    assert {kind for kind, subresources in found.items() if subresources} == own
    assert all(found[kind] == {"status": {}} for kind in own)


def test_names_are_argos():
    names = {kind: manifest["spec"]["names"].get("shortNames", []) for kind, manifest in MANIFESTS.items()}
    assert names["Application"] == ["app", "apps"]
    assert MANIFESTS["ClusterAnalysisTemplate"]["spec"]["scope"] == "Cluster"
    assert all(
        manifest["spec"]["scope"] == "Namespaced" for kind, manifest in MANIFESTS.items() if "Cluster" not in kind
    )


def test_text_that_yaml_would_misread_is_quoted():
    value = {"on": "off", "a: b": "1", "list": [["x"], {"y": [], "z": {}}], "n": None, "empty": "", "dash": "-"}
    assert yaml.safe_load("\n".join(generate.block(value))) == value
