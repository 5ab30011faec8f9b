"""Reads, writes and refusals of a real API server."""

import asyncio
import base64
import subprocess

import pytest
import yaml

from wavegate.contracts.failures import Rejected
from wavegate.kube import (
    AlreadyExists,
    Conflict,
    ConnectionOptions,
    DeleteOptions,
    GroupVersionKind,
    Invalid,
    KubeClient,
    NotFound,
    Selection,
    Unavailable,
    UnknownKind,
    WriteOptions,
)

pytestmark = pytest.mark.integration

CONFIG_MAP = GroupVersionKind("", "v1", "ConfigMap")
SECRET = GroupVersionKind("", "v1", "Secret")


def another_authority(folder):
    """A self-signed certificate, as kubeconfigs hold it."""
    command = ["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2", "-subj", "/CN=another"]
    subprocess.run([*command, "-keyout", folder / "key", "-out", folder / "crt"], check=True, capture_output=True)
    return base64.b64encode((folder / "crt").read_bytes()).decode()


async def test_create_read_replace_patch_delete(place):
    client = place.client
    made = await client.create(place.config_map("a", x="1"))
    with pytest.raises(AlreadyExists):
        await client.create(place.config_map("a", x="1"))
    replaced = await client.replace({**made, "data": {"x": "2"}})
    with pytest.raises(Conflict):
        await client.replace({**made, "data": {"x": "3"}})
    await client.patch(CONFIG_MAP, place.namespace, "a", {"data": {"y": "3"}})
    await client.patch(CONFIG_MAP, place.namespace, "a", [{"op": "remove", "path": "/data/x"}])
    assert (await client.get(CONFIG_MAP, place.namespace, "a"))["data"] == {"y": "3"}
    with pytest.raises(Conflict):
        await client.delete(CONFIG_MAP, place.namespace, "a", DeleteOptions(uid="another"))
    stale = DeleteOptions(uid=made["metadata"]["uid"], resource_version=replaced["metadata"]["resourceVersion"])
    with pytest.raises(Conflict):
        await client.delete(CONFIG_MAP, place.namespace, "a", stale)
    await client.delete(CONFIG_MAP, place.namespace, "a", DeleteOptions(uid=made["metadata"]["uid"]))
    with pytest.raises(NotFound):
        await client.get(CONFIG_MAP, place.namespace, "a")


async def test_apply_is_fenced_by_the_resource_version_and_by_other_managers(place):
    first = await place.client.apply(place.config_map("a", x="1"))
    await place.client.apply(place.config_map("a", x="2"), resource_version=first["metadata"]["resourceVersion"])
    with pytest.raises(Conflict):
        await place.client.apply(place.config_map("a", x="3"), resource_version=first["metadata"]["resourceVersion"])
    with pytest.raises(Conflict, match="wavegate-test"):
        await place.client.apply(place.config_map("a", x="4"), WriteOptions(force=False, field_manager="other"))
    await place.client.apply(place.config_map("a", x="4"), WriteOptions(field_manager="other"))


async def test_a_dry_run_answers_and_stores_nothing(place):
    answer = await place.client.apply(place.config_map("a", x="1"), WriteOptions(dry_run=True))
    assert answer["metadata"]["uid"]
    with pytest.raises(NotFound):
        await place.client.get(CONFIG_MAP, place.namespace, "a")


async def test_apply_keeps_every_character(place):
    text = '🚀 \u2028\u2029\x85\x7f\t"\\ud83d" é \ufeff ~ null: yes\n- a'
    answer = await place.client.apply(place.config_map("a", text=text))
    assert answer["data"]["text"] == text


async def test_lists_are_paged_and_whole(place):
    for number in range(7):
        await place.client.create(place.config_map(f"c{number}", x="1"))
    listed = await place.client.list(CONFIG_MAP, Selection(place.namespace, fields="metadata.name!=c3"), page=2)
    assert sorted(item["metadata"]["name"] for item in listed.items) == ["c0", "c1", "c2", "c4", "c5", "c6"]
    assert {(item["apiVersion"], item["kind"]) for item in listed.items} == {("v1", "ConfigMap")}
    assert int(listed.resource_version) > 0


async def test_refusals_are_typed_and_name_the_object(place):
    with pytest.raises(Invalid, match=f"create v1 ConfigMap {place.namespace}/A"):
        await place.client.create(place.config_map("A"))
    with pytest.raises(Invalid, match="namespace"):
        await place.client.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})
    manifest = {**place.config_map("a"), "spelled": "wrong"}
    with pytest.raises(Invalid, match="spelled"):
        await place.client.apply(manifest, WriteOptions(validation="Strict"))
    with pytest.raises(UnknownKind, match=r"example\.com/v1 Nothing"):
        await place.client.get(GroupVersionKind("example.com", "v1", "Nothing"), place.namespace, "a")


@pytest.mark.parametrize("field", ["data", "stringData"])
async def test_what_a_secret_holds_is_not_in_an_error(place, field):
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": place.namespace},
        field: {"password": "hunter2=hunter2"},
    }
    broken = {**secret, field: {"password": ["hunter2=hunter2"]}}
    calls = [
        lambda: place.client.create({**secret, "type": "kubernetes.io/dockerconfigjson"}),
        lambda: place.client.apply(broken),
        lambda: place.client.create(broken),
        lambda: place.client.create({**secret, "immutable": "hunter2=hunter2"}),
    ]
    for call in calls:
        with pytest.raises(Rejected) as refused:
            await call()
        assert "hunter2" not in str(refused.value)
        assert "s" in str(refused.value)


async def test_a_custom_resource_is_known_once_it_is_served(place):
    gvk = GroupVersionKind("kube.example.com", "v1", "Widget")
    with pytest.raises(UnknownKind):
        await place.client.get(gvk, place.namespace, "a")
    await place.client.apply(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "widgets.kube.example.com"},
            "spec": {
                "group": gvk.group,
                "scope": "Namespaced",
                "names": {"kind": "Widget", "plural": "widgets"},
                "versions": [
                    {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
                ],
            },
        }
    )
    async with asyncio.timeout(20):
        while True:
            try:
                await place.client.get(gvk, place.namespace, "a")
            except NotFound:
                break
            except UnknownKind:
                await asyncio.sleep(0.3)
    definition = GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
    await place.client.delete(definition, None, "widgets.kube.example.com")
    async with asyncio.timeout(20):
        while True:
            try:
                await place.client.get(gvk, place.namespace, "a")
            except UnknownKind:
                break
            except NotFound:
                await asyncio.sleep(0.3)


async def test_the_cluster_says_what_it_is(place):
    assert (await place.client.version())["gitVersion"].startswith("v1.")
    versions = await place.client.catalog.api_versions()
    assert {"v1", "v1/ConfigMap", "apps/v1", "apps/v1/Deployment", "argoproj.io/v1alpha1/Application"} <= set(versions)
    assert list(versions) == sorted(versions)
    assert (await place.client.catalog.preferred("autoscaling", "HorizontalPodAutoscaler")).gvk.version == "v2"


async def test_a_server_with_another_certificate_authority_is_not_spoken_to(place, tmp_path):
    config = yaml.safe_load(place.kubeconfig.read_text())
    cluster = config["clusters"][0]["cluster"]
    cluster.pop("certificate-authority", None)
    cluster["certificate-authority-data"] = another_authority(tmp_path)
    changed = tmp_path / "kubeconfig"
    changed.write_text(yaml.safe_dump(config))
    async with KubeClient.connect(changed, field_manager="x", options=ConnectionOptions(call_seconds=5)) as client:
        with pytest.raises(Unavailable, match=r"(?i)certificate"):
            await client.version()


async def test_an_unverified_server_is_refused(place, tmp_path):
    config = yaml.safe_load(place.kubeconfig.read_text())
    cluster = config["clusters"][0]["cluster"]
    cluster.pop("certificate-authority", None)
    cluster.pop("certificate-authority-data", None)
    cluster["insecure-skip-tls-verify"] = True
    changed = tmp_path / "kubeconfig"
    changed.write_text(yaml.safe_dump(config))
    with pytest.raises(Rejected, match="insecure-skip-tls-verify"):
        async with KubeClient.connect(changed, field_manager="x"):
            pass
