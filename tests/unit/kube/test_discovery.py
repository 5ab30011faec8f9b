"""Discovery: served types, looked up again when one is missing, at most once in a while."""

import asyncio

import pytest

from wavegate.kube import ApiCatalog, GroupVersionKind, UnknownKind
from wavegate.kube.discovery import served

CONFIG_MAP = GroupVersionKind("", "v1", "ConfigMap")
WIDGET = GroupVersionKind("", "v1", "Widget")


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def catalog(client, now):
    return ApiCatalog(client._connection, refresh_seconds=1.0, clock=lambda: now[0])


async def test_many_askers_share_one_discovery(server, catalog):
    found = await asyncio.gather(*(catalog.resolve(CONFIG_MAP) for _ in range(10)))
    assert {resource.plural for resource in found} == {"configmaps"}
    assert server.discoveries == 1


async def test_a_missing_type_is_looked_up_at_most_once_a_second(server, catalog, now):
    for _ in range(5):
        with pytest.raises(UnknownKind):
            await catalog.resolve(WIDGET)
    assert server.discoveries == 1
    now[0] += 1.0
    with pytest.raises(UnknownKind):
        await catalog.resolve(WIDGET)
    assert server.discoveries == 2


async def test_helm_gets_each_version_and_each_kind_of_it(catalog):
    assert await catalog.api_versions() == ("v1", "v1/ConfigMap", "v1/Secret")


async def test_the_version_list_is_read_again_when_it_is_old(server, catalog, now):
    await catalog.api_versions(older_than=60.0)
    now[0] += 59.0
    await catalog.api_versions(older_than=60.0)
    assert server.discoveries == 1
    now[0] += 1.0
    await catalog.api_versions(older_than=60.0)
    assert server.discoveries == 2


async def test_preferred_is_the_first_version_of_a_kind(catalog):
    assert (await catalog.preferred("", "ConfigMap")).gvk == CONFIG_MAP
    with pytest.raises(UnknownKind):
        await catalog.preferred("apps", "Deployment")


def test_discovery_in_aggregated_form_is_read_with_scope_and_verbs():
    resource = {
        "resource": "nodes",
        "responseKind": {"group": "", "version": "v1", "kind": "Node"},
        "scope": "Cluster",
        "shortNames": ["no"],
        "verbs": ["get"],
        "subresources": [{"subresource": "status"}],
    }
    group = {"metadata": {}, "versions": [{"version": "v1", "resources": [resource]}]}
    (found,) = served({"items": [group]})
    assert (found.namespaced, found.short_names, found.verbs) == (False, ("no",), {"get"})
    assert found.object_path(None, "n") == "/api/v1/nodes/n"
