"""A real API server takes the definitions, keeps what it should and drops what Argo's would drop."""

import pytest

from wavegate.argo.definitions import DEFINITIONS
from wavegate.kube import GroupVersionKind, NotFound

pytestmark = pytest.mark.integration

APPLICATION = GroupVersionKind("argoproj.io", "v1alpha1", "Application")
ROLLOUT = GroupVersionKind("argoproj.io", "v1alpha1", "Rollout")


async def test_every_definition_is_served(place):
    for definition in DEFINITIONS:
        gvk = GroupVersionKind.parse(definition.api_version, definition.kind)
        resource = await place.client.catalog.resolve(gvk)
        assert (resource.plural, resource.namespaced) == (definition.plural, definition.is_namespaced)
        assert resource.short_names == definition.short_names


async def test_no_schema_is_called_non_structural(place):
    definitions = GroupVersionKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
    for item in (await place.client.list(definitions)).items:
        conditions = {condition["type"]: condition for condition in item["status"]["conditions"]}
        assert "NonStructuralSchema" not in conditions, item["metadata"]["name"]
        assert conditions["Established"]["status"] == "True"


async def test_an_application_keeps_unknown_wishes_and_loses_unknown_status(place):
    application = {
        "apiVersion": APPLICATION.api_version,
        "kind": APPLICATION.kind,
        "metadata": {"name": "a", "namespace": place.namespace},
        "spec": {
            "project": "",
            "destination": {"server": "https://kubernetes.default.svc"},
            "source": {"repoURL": "x", "newer": {"a": 1}, "helm": {"valuesObject": {"a": {"b": [1]}}}},
        },
        "status": {"sync": {"status": "Synced"}, "wavegate": {"intent": 1}},
    }
    made = await place.client.create(application)
    assert made["spec"] == application["spec"]
    assert made["status"] == {"sync": {"status": "Synced"}}
    with pytest.raises(NotFound):
        await place.client.replace_status(made)


async def test_a_rollout_is_scaled_through_its_subresource(place):
    rollout = {
        "apiVersion": ROLLOUT.api_version,
        "kind": ROLLOUT.kind,
        "metadata": {"name": "r", "namespace": place.namespace},
        "spec": {"replicas": 2, "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": []}}},
    }
    made = await place.client.create(rollout)
    assert made["spec"] == rollout["spec"]
    await place.client.replace_status({**made, "status": {"HPAReplicas": 2, "selector": "a=b", "phase": "Healthy"}})
    await place.client.patch(ROLLOUT, place.namespace, "r", {"spec": {"replicas": 5}}, subresource="scale")
    scale = await place.client.get(ROLLOUT, place.namespace, "r", subresource="scale")
    assert (scale["spec"], scale["status"]) == ({"replicas": 5}, {"replicas": 2, "selector": "a=b"})
    assert (await place.client.get(ROLLOUT, place.namespace, "r"))["spec"]["replicas"] == 5
