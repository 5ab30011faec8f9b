"""A shared watch through everything that a server and a network do to it."""

import asyncio

import pytest

from wavegate.kube import GroupVersionKind, Selection, SharedWatch, SharedWatches

CONFIG_MAP = GroupVersionKind("", "v1", "ConfigMap")
PATH = "/api/v1/namespaces/n/configmaps"


def item(name, version, **more):
    return {"metadata": {"namespace": "n", "name": name, "resourceVersion": str(version), "uid": name}, **more}


def listing(version, *items):
    return {"metadata": {"resourceVersion": str(version)}, "items": list(items)}


def event(type_, *of, **more):
    return {"type": type_, "object": item(*of, **more)}


@pytest.fixture
def pauses():
    return []


@pytest.fixture
async def watch(client, pauses):
    async def sleep(seconds):
        pauses.append(seconds)

    shared = SharedWatch(client, CONFIG_MAP, Selection("n"), sleep=sleep)
    shared.news = asyncio.Queue()
    shared.on_change(lambda change: shared.news.put_nowait((change.type, change.object["metadata"]["name"])))
    task = asyncio.create_task(shared.run())
    yield shared
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def positions(server):
    return [query.get("resourceVersion", "list") for _, _, query in server.asked]


async def test_the_list_is_news_and_changes_follow(server, watch):
    changes = (event("ADDED", "b", 6), event("MODIFIED", "a", 7), event("DELETED", "b", 8))
    server.answers(server.document(listing(5, item("a", 3))), server.streaming(*changes, hang=True))
    told = [await watch.news.get() for _ in range(4)]
    assert told == [("added", "a"), ("added", "b"), ("modified", "a"), ("deleted", "b")]
    assert watch.synced.is_set()
    assert [name["metadata"]["name"] for name in watch.items()] == ["a"]


async def test_a_broken_watch_goes_on_where_it_stopped(server, watch, pauses):
    server.answers(
        server.document(listing(5)),
        server.streaming(event("ADDED", "a", 6), cut=b'{"type":"ADD'),
        server.streaming(event("ADDED", "b", 7), hang=True),
    )
    assert [await watch.news.get() for _ in range(2)] == [("added", "a"), ("added", "b")]
    assert positions(server) == ["list", "5", "6"]
    assert len(pauses) == 1


async def test_a_watch_that_ends_by_itself_goes_on_at_its_last_bookmark_without_a_pause(server, watch, pauses):
    bookmark = {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "40"}}}
    server.answers(
        server.document(listing(5)),
        server.streaming(bookmark),
        server.streaming(event("ADDED", "a", 41), hang=True),
    )
    await watch.news.get()
    assert positions(server) == ["list", "5", "40"]
    assert pauses == []


@pytest.mark.parametrize("within", [True, False])
async def test_a_version_no_longer_kept_means_listing_again(server, watch, within):
    gone = {"kind": "Status", "status": "Failure", "reason": "Expired", "code": 410, "message": "too old"}
    expired = server.streaming({"type": "ERROR", "object": gone}) if within else server.status(410, "Expired")
    server.answers(
        server.document(listing(5, item("a", 3))),
        expired,
        server.document(listing(90, item("b", 80))),
        server.hanging(),
    )
    assert [await watch.news.get() for _ in range(3)] == [("added", "a"), ("added", "b"), ("deleted", "a")]
    while len(server.asked) < 4:
        await asyncio.sleep(0)
    assert positions(server) == ["list", "5", "list", "90"]


async def test_a_server_that_is_down_is_asked_ever_less_often(server, watch, pauses):
    down = [server.text("down", 503) for _ in range(12)]
    server.answers(*down, server.document(listing(5)), server.hanging())
    await watch.synced.wait()
    assert len(pauses) == 12
    assert pauses[0] <= 0.75
    assert 15.0 <= pauses[-1] <= 45.0


async def test_what_a_watch_cannot_read_does_not_end_it(server, watch):
    server.answers(
        server.document(listing(5)),
        server.text("<html>\n", 200),
        server.streaming(event("ADDED", "a", 6), hang=True),
    )
    assert await watch.news.get() == ("added", "a")


async def test_managed_fields_are_dropped_unless_wanted(client, server, watch):
    held = item("a", 3)
    held["metadata"]["managedFields"] = [{"manager": "x"}]
    server.answers(server.document(listing(5, held)), server.hanging())
    await watch.synced.wait()
    assert "managedFields" not in watch.get("n", "a")["metadata"]
    answer = item("b", 9)
    answer["metadata"]["managedFields"] = [{"manager": "x"}]
    watch.put(answer)
    assert "managedFields" not in watch.get("n", "b")["metadata"]
    assert "managedFields" in answer["metadata"]


async def test_a_service_shares_its_watches(client, server):
    server.answers(server.document(listing(5)), server.hanging())
    async with SharedWatches(client) as watches:
        one = watches.watch(CONFIG_MAP, Selection("n"))
        assert watches.watch(CONFIG_MAP, Selection("n")) is one
        await one.synced.wait()
        assert watches.watch(CONFIG_MAP, Selection("m")) is not one
