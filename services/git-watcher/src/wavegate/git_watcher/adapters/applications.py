"""Applications by watch, with an index of who follows which repository."""

from collections import defaultdict
from collections.abc import Callable

from wavegate.git_watcher.domain.applications import ApplicationView, view
from wavegate.git_watcher.domain.pushes import comparable
from wavegate.kube.resources import GroupVersionKind, JsonObject
from wavegate.kube.watch_cache import Change
from wavegate.kube.watches import SharedWatch

APPLICATION = GroupVersionKind("argoproj.io", "v1alpha1", "Application")


def reduced(item: JsonObject) -> JsonObject:
    """Keep what decisions here are made from."""
    return {"metadata": {**item["metadata"], "managedFields": None}, "spec": item.get("spec")}


class WatchedApplications:
    """Who follows which repository, as `follow` is told."""

    def __init__(self) -> None:
        self._views: dict[str, ApplicationView] = {}
        self._followers: defaultdict[str, dict[str, ApplicationView]] = defaultdict(dict)
        self._addresses: defaultdict[str, set[str]] = defaultdict(set)

    def follow(self, watch: SharedWatch, look: Callable[[str], None]) -> None:
        """Keep up with a watch; `look` is called for a repository in which somebody follows something new."""
        watch.on_change(lambda change: self._changed(change, look))

    def following(self, repository: str) -> tuple[ApplicationView, ...]:
        """Return the applications with a source in a repository."""
        return tuple(self._followers.get(repository, {}).values())

    def repositories(self) -> tuple[str, ...]:
        """Return every repository that is followed, by id."""
        return tuple(repository for repository, followers in self._followers.items() if followers)

    def at(self, address: str) -> frozenset[str]:
        """Return the ids of the repositories that a comparable address means."""
        return frozenset(self._addresses.get(address, ()))

    def _changed(self, change: Change, look: Callable[[str], None]) -> None:
        metadata = change.object["metadata"]
        key = f"{metadata.get('namespace')}/{metadata['name']}"
        before = self._views.pop(key, None)
        after = None if change.type == "deleted" else view(change.object)
        if before is not None:
            for source in before.sources:
                self._followers[source.repository].pop(key, None)
        if after is not None:
            for repository in self._add(key, before, after):
                look(repository)

    def _add(self, key: str, before: ApplicationView | None, after: ApplicationView) -> list[str]:
        """Take an application in; return the repositories in which it follows what nobody followed, itself included."""
        self._views[key] = after
        fresh: list[str] = []
        for repository in {source.repository for source in after.sources}:
            known = {t for follower in self._followers[repository].values() for t in follower.targets(repository)}
            known |= before.targets(repository) if before else set()
            self._followers[repository][key] = after
            if after.targets(repository) - known:
                fresh.append(repository)
        for source in after.sources:
            self._addresses[comparable(source.url)].add(source.repository)
        return fresh
