"""Shared watches of a real API server."""

import asyncio

import pytest

from wavegate.kube import GroupVersionKind, KubeClient, NotFound, Selection, SharedWatches

pytestmark = pytest.mark.integration

CONFIG_MAP = GroupVersionKind("", "v1", "ConfigMap")


class News:
    """Collects changes and lets a test wait for one."""

    def __init__(self, watch):
        self.seen = []
        self._arrived = asyncio.Event()
        watch.on_change(self._take)

    def _take(self, change):
        self.seen.append((change.type, change.object["metadata"]["name"], change.object.get("data")))
        self._arrived.set()

    async def until(self, *wanted):
        async with asyncio.timeout(20):
            while not set(map(str, wanted)) <= set(map(str, self.seen)):
                self._arrived.clear()
                await self._arrived.wait()


async def test_a_watch_tells_what_becomes_of_objects(place):
    await place.client.create(place.config_map("early", x="1"))
    async with SharedWatches(place.client) as watches:
        watch = watches.watch(CONFIG_MAP, Selection(place.namespace))
        assert watches.watch(CONFIG_MAP, Selection(place.namespace)) is watch
        news = News(watch)
        await watch.synced.wait()
        assert watch.get(place.namespace, "early")["data"] == {"x": "1"}
        await place.client.create(place.config_map("a", x="1"))
        await place.client.apply(place.config_map("a", x="2"))
        await place.client.delete(CONFIG_MAP, place.namespace, "a")
        await news.until(("added", "a", {"x": "1"}), ("modified", "a", {"x": "2"}), ("deleted", "a", {"x": "2"}))
        assert watch.get(place.namespace, "a") is None
        assert "managedFields" not in watch.get(place.namespace, "early")["metadata"]


async def test_a_put_is_seen_at_once_and_a_late_one_does_not_come_back(place):
    async with SharedWatches(place.client) as watches:
        watch = watches.watch(CONFIG_MAP, Selection(place.namespace))
        news = News(watch)
        await watch.synced.wait()
        answer = await place.client.create(place.config_map("a", x="1"))
        watch.put(answer)
        assert watch.get(place.namespace, "a")["data"] == {"x": "1"}
        await place.client.delete(CONFIG_MAP, place.namespace, "a")
        await news.until(("deleted", "a", {"x": "1"}))
        watch.put(answer)
        assert watch.get(place.namespace, "a") is None
        assert [type_ for type_, name, _ in news.seen if name == "a"] == ["added", "deleted"]


async def test_a_watch_ends_by_itself_and_goes_on_where_it_stopped(place, monkeypatch):
    monkeypatch.setattr("wavegate.kube.watches.WATCH_SECONDS", 1)
    async with SharedWatches(place.client) as watches:
        watch = watches.watch(CONFIG_MAP, Selection(place.namespace))
        news = News(watch)
        await watch.synced.wait()
        for number in range(4):
            await place.client.create(place.config_map(f"c{number}"))
            await news.until(("added", f"c{number}", None))
            await asyncio.sleep(0.6)
        assert [name for _, name, _ in news.seen if name.startswith("c")] == ["c0", "c1", "c2", "c3"]


async def test_a_kind_that_does_not_exist_is_waited_for(place):
    async with SharedWatches(place.client) as watches:
        watch = watches.watch(GroupVersionKind("example.com", "v1", "Nothing"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await watch.synced.wait()
        assert watch.items() == ()


async def test_clients_close_with_their_watches(place):
    async with (
        KubeClient.connect(place.kubeconfig, field_manager="x") as client,
        SharedWatches(client) as watches,
    ):
        await watches.watch(CONFIG_MAP, Selection(place.namespace)).synced.wait()
    with pytest.raises(NotFound):
        await place.client.get(CONFIG_MAP, place.namespace, "nothing")
