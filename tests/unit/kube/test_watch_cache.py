"""The cache never goes backward, whatever order news and our own answers come in."""

from hypothesis import given
from hypothesis import strategies as st

from wavegate.kube.watch_cache import WatchCache


def item(name="a", version=1, uid="u"):
    return {"metadata": {"namespace": "n", "name": name, "resourceVersion": str(version), "uid": uid}}


def types(changes):
    return [change.type for change in changes]


def test_what_a_list_lacks_is_deleted_and_what_it_repeats_is_no_news():
    cache = WatchCache()
    assert types(cache.replace([item("a", 1), item("b", 2)], "5")) == ["added", "added"]
    assert types(cache.replace([item("b", 2)], "9")) == ["deleted"]
    assert cache.items() == (item("b", 2),)


def test_an_answer_of_our_own_survives_an_older_list():
    cache = WatchCache()
    cache.replace([], "5")
    cache.put(item(version=9))
    assert cache.replace([], "7") == []
    assert cache.get("n", "a") == item(version=9)
    assert types(cache.replace([], "9")) == ["deleted"]


def test_the_echo_of_an_own_write_is_no_news():
    cache = WatchCache()
    cache.replace([item(version=1)], "1")
    assert types(cache.put(item(version=4))) == ["modified"]
    assert cache.observe(item(version=4)) == []
    assert cache.observe(item(version=3)) == []
    assert cache.get("n", "a") == item(version=4)


def test_a_late_answer_does_not_bring_a_deleted_object_back():
    cache = WatchCache()
    cache.replace([item(version=1)], "1")
    cache.remove(item(version=6))
    assert cache.put(item(version=5)) == []
    assert cache.get("n", "a") is None
    assert types(cache.put(item(version=7, uid="new"))) == ["added"]


def test_the_deletion_of_a_former_object_does_not_touch_its_successor():
    cache = WatchCache()
    cache.replace([item(version=1)], "1")
    cache.put(item(version=8, uid="new"))
    assert cache.remove(item(version=5)) == []
    assert cache.get("n", "a") == item(version=8, uid="new")


def test_a_successor_of_the_same_name_is_told_as_two_changes():
    cache = WatchCache()
    cache.replace([item(version=1)], "1")
    changes = cache.replace([item(version=4, uid="new")], "4")
    assert [(change.type, change.object["metadata"]["uid"]) for change in changes] == [
        ("deleted", "u"),
        ("added", "new"),
    ]


def test_cluster_scoped_objects_have_an_empty_namespace():
    cache = WatchCache()
    cache.replace([{"metadata": {"name": "a", "resourceVersion": "1"}}], "1")
    assert cache.get("", "a")


@given(st.lists(st.tuples(st.sampled_from(["observe", "put"]), st.integers(1, 30))))
def test_versions_only_rise(steps):
    cache, seen = WatchCache(), 0
    cache.replace([], "0")
    for method, version in steps:
        for change in getattr(cache, method)(item(version=version)):
            assert int(change.object["metadata"]["resourceVersion"]) > seen
            seen = int(change.object["metadata"]["resourceVersion"])
