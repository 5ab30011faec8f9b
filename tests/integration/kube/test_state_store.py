"""State objects on a real API server: compare-and-set through the status subresource."""

from datetime import UTC, datetime

import pytest
from pydantic import BaseModel

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reconciling import OutboxEntry, StateConflict
from wavegate.kube import GroupVersionKind, KubeStateStore, Owner

pytestmark = pytest.mark.integration

STATE = GroupVersionKind("wavegate.dev", "v1alpha1", "ApplicationState")
ENTRY = OutboxEntry(id="1", type="t", time=datetime(2026, 1, 1, tzinfo=UTC), data={"a": [1, None]})


class Progress(BaseModel):
    """A service's state."""

    step: int
    text: str = ""


def store_of(place, owner=None):
    return KubeStateStore(place.client, STATE, Progress, lambda _: owner)


async def owner_of(place, name):
    made = await place.client.create(place.config_map(name))
    return Owner("v1", "ConfigMap", name, made["metadata"]["uid"])


async def test_a_state_is_created_written_and_read(place):
    store, other = store_of(place), store_of(place)
    key = f"{place.namespace}/a"
    assert await store.read(key) is None
    first = await store.write(key, Progress(step=1), (ENTRY,), None)
    second = await store.write(key, Progress(step=2), (ENTRY,), first)
    stored = await other.read(key)
    assert (stored.state, stored.version, stored.outbox) == (Progress(step=2), second, (ENTRY,))
    assert stored == await store.read(key)
    assert {key: stored} == await store_of(place).read_all(place.namespace)


async def test_only_one_of_two_writers_wins(place):
    one, other = store_of(place), store_of(place)
    key = f"{place.namespace}/a"
    version = await one.write(key, Progress(step=1), (), None)
    with pytest.raises(StateConflict):
        await other.write(key, Progress(step=9), (), None)
    await other.write(key, Progress(step=2), (), version)
    with pytest.raises(StateConflict):
        await one.write(key, Progress(step=9), (), version)
    assert (await one.read(key)).state == Progress(step=2)


async def test_a_crash_between_creation_and_status_is_harmless(place):
    store = store_of(place)
    key = f"{place.namespace}/a"
    await place.client.create(
        {
            "apiVersion": STATE.api_version,
            "kind": STATE.kind,
            "metadata": {"name": "a", "namespace": place.namespace},
        }
    )
    assert await store.read(key) is None
    await store.write(key, Progress(step=1), (), None)
    assert (await store_of(place).read(key)).state == Progress(step=1)


async def test_a_deleted_state_object_conflicts_and_then_reads_as_none(place):
    store = store_of(place)
    key = f"{place.namespace}/a"
    version = await store.write(key, Progress(step=1), (), None)
    await place.client.delete(STATE, place.namespace, "a")
    with pytest.raises(StateConflict):
        await store.write(key, Progress(step=2), (), version)
    assert await store.read(key) is None
    await store.write(key, Progress(step=1), (), None)


async def test_the_state_of_an_earlier_object_of_the_same_name_is_not_taken_over(place):
    key = f"{place.namespace}/a"
    former, present = await owner_of(place, "former"), await owner_of(place, "present")
    store = store_of(place, former)
    await store.write(key, Progress(step=1), (), None)
    found = await place.client.get(STATE, place.namespace, "a")
    assert found["metadata"]["ownerReferences"][0]["uid"] == former.uid

    later = store_of(place, present)
    assert await later.read(key) is None
    with pytest.raises(StateConflict):
        await later.write(key, Progress(step=7), (), None)
    await later.write(key, Progress(step=7), (), None)
    assert (await later.read(key)).state == Progress(step=7)
    assert await store.read(key) == await store.read(key)


async def test_what_is_remembered_is_not_trusted_once_the_owner_is_another(place):
    key = f"{place.namespace}/a"
    owners = [await owner_of(place, "former"), await owner_of(place, "present")]
    store = KubeStateStore(place.client, STATE, Progress, lambda _: owners[0])
    await store.write(key, Progress(step=1), (), None)
    owners.pop(0)
    assert await store.read(key) is None


async def test_a_state_over_one_mebibyte_is_refused_by_name(place):
    key = f"{place.namespace}/large"
    with pytest.raises(Rejected, match=f"ApplicationState {key}"):
        await store_of(place).write(key, Progress(step=1, text="x" * 1024 * 1024), (), None)


async def test_a_state_just_under_one_mebibyte_is_stored(place):
    key = f"{place.namespace}/large"
    text = "é" * (512 * 1024 - 100)
    await store_of(place).write(key, Progress(step=1, text=text), (), None)
    assert (await store_of(place).read(key)).state.text == text
