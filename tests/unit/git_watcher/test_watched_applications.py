"""The index of who follows which repository."""

from collections.abc import Callable
from typing import Any, cast

from watched_world import KEY, URL, application

from wavegate.contracts.identity import repository_id
from wavegate.git_watcher.adapters.applications import WatchedApplications, reduced
from wavegate.git_watcher.domain.pushes import comparable
from wavegate.kube.watch_cache import Change
from wavegate.kube.watches import SharedWatch


class Watch:
    """A watch that tells what it is told to."""

    def __init__(self) -> None:
        self.tell: Callable[[Change], None] = lambda _: None

    def on_change(self, callback: Callable[[Change], None]) -> None:
        self.tell = callback


def followed(*changes: Change) -> tuple[WatchedApplications, list[str], Watch]:
    watch, looks = Watch(), cast("list[str]", [])
    known = WatchedApplications()
    known.follow(cast("SharedWatch", watch), looks.append)
    for change in changes:
        watch.tell(change)
    return known, looks, watch


def added(manifest: dict[str, Any]) -> Change:
    return Change("added", manifest)


def names(known: WatchedApplications, repository: str = KEY) -> list[str]:
    return [one.object.name for one in known.following(repository)]


def test_a_repository_is_looked_at_when_somebody_follows_something_new_in_it() -> None:
    known, looks, watch = followed(added(application("a")), added(application("b")), added(application("c", "dev")))
    watch.tell(Change("modified", application("a"), application("a")))

    assert looks == [KEY, KEY]
    assert names(known) == ["b", "c", "a"]


def test_a_written_status_of_the_only_follower_asks_no_repository() -> None:
    _, looks, watch = followed(added(application("a")))
    watch.tell(Change("modified", application("a"), application("a")))

    assert looks == [KEY]


def test_an_application_that_moves_or_goes_is_followed_no_more() -> None:
    elsewhere = "https://git.example.com/team/other"
    known, looks, watch = followed(added(application("a")), added(application("b")))
    watch.tell(Change("modified", application("a", url=elsewhere), application("a")))
    watch.tell(Change("deleted", application("b"), application("b")))

    assert names(known) == []
    assert names(known, repository_id(elsewhere)) == ["a"]
    assert looks == [KEY, repository_id(elsewhere)]
    assert known.repositories() == (repository_id(elsewhere),)


def test_an_application_that_is_being_deleted_or_is_malformed_is_passed_over() -> None:
    leaving = application("a")
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    known, looks, _ = followed(added(leaving), added({"metadata": {"namespace": "argocd", "name": "x"}, "spec": None}))

    assert (looks, known.repositories()) == ([], ())


def test_addresses_in_any_spelling_find_the_repository() -> None:
    known, _, _ = followed(added(application("a")))

    assert known.at(comparable("git@git.example.com:Team/Models.git")) == {KEY}
    assert known.at(comparable("https://git.example.com/team/else")) == frozenset()
    assert URL.startswith("https://")


def test_status_is_not_kept() -> None:
    kept = reduced({**application("a"), "status": {"large": "x" * 1000}, "apiVersion": "argoproj.io/v1alpha1"})

    assert set(kept) == {"metadata", "spec"}
