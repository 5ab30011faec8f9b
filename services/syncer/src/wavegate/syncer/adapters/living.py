"""What lives, by kind and by the application that it belongs to: shared watches with an index on top."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from wavegate.kube import Change, GroupVersionKind, SharedWatch
from wavegate.manifests.identity import JsonObject, ObjectKey, key_of, metadata_of, tracking_of

Touched = Callable[[str], None]
"""Told the tracking name of an application that should look again."""


def trimmed(item: JsonObject) -> JsonObject:
    """Keep the record of field owners only where it is read: on objects that belong to an application."""
    if tracking_of(item) is None:
        item["metadata"].pop("managedFields", None)
    return item


@dataclass
class Followed:
    """One kind: its watch, whose objects are whose, and who asked about objects that are nobody's."""

    watch: SharedWatch
    marked: dict[str, dict[ObjectKey, JsonObject]] = field(default_factory=dict)
    askers: dict[ObjectKey, set[str]] = field(default_factory=dict)


class Living:
    """The index over all followed kinds."""

    def __init__(self, touched: Touched) -> None:
        self._touched = touched
        self._followed: dict[GroupVersionKind, Followed] = {}
        self._gone: set[str] = set()
        self._writer = ""

    def follow(self, gvk: GroupVersionKind, watch: SharedWatch) -> None:
        """Index a watch from now on."""
        followed = self._followed[gvk] = Followed(watch)
        watch.on_change(lambda change: self._changed(followed, change))
        for item in watch.items():
            self._mark(followed, item)

    def follows(self, gvk: GroupVersionKind) -> bool:
        """Say whether a kind is indexed."""
        return gvk in self._followed

    def get(self, gvk: GroupVersionKind, key: ObjectKey, asker: str) -> JsonObject | None:
        """Return an object; who asks for one that does not bear its mark is told of its next change."""
        followed = self._followed.get(gvk)
        if followed is None:
            return None
        item = followed.watch.get(key.namespace, key.name)
        found = item if item is not None and not self._is_gone(item) else None
        if found is None or _owner(found) != asker:
            followed.askers.setdefault(key, set()).add(asker)
        return found

    def marked(self, application: str) -> Iterator[JsonObject]:
        """Yield the objects that bear an application's mark."""
        for followed in self._followed.values():
            for item in tuple(followed.marked.get(application, {}).values()):
                if not self._is_gone(item):
                    yield item

    def within(self, gvks: Iterable[GroupVersionKind], namespaces: Collection[str]) -> Iterator[JsonObject]:
        """Yield the objects of some kinds in some namespaces."""
        for gvk in gvks:
            followed = self._followed.get(gvk)
            for item in followed.watch.items() if followed is not None else ():
                if metadata_of(item).get("namespace") in namespaces and not self._is_gone(item):
                    yield item

    def put(self, item: JsonObject, writer: str) -> None:
        """Take over the answer to a call of our own: the watch will not tell of it again.

        `writer` is the tracking name of the application that the call was made for: it alone need not be told.
        """
        followed = self._followed.get(GroupVersionKind.of(item))
        if followed is None:
            return
        self._writer = writer
        try:
            followed.watch.put(item)
        finally:
            self._writer = ""

    def drop(self, item: JsonObject) -> None:
        """Take over that an object was deleted by us, ahead of the watch."""
        self._gone.add(_uid(item))

    def _is_gone(self, item: JsonObject) -> bool:
        return bool(self._gone) and _uid(item) in self._gone

    def _changed(self, followed: Followed, change: Change) -> None:
        names = {_owner(change.object), _owner(change.previous) if change.previous is not None else ""}
        names |= followed.askers.pop(key_of(change.object), set())
        if change.previous is not None:
            self._unmark(followed, change.previous)
        if change.type == "deleted":
            self._unmark(followed, change.object)
            self._gone.discard(_uid(change.object))
        else:
            self._mark(followed, change.object)
        for name in names - {"", self._writer}:
            self._touched(name)

    def _mark(self, followed: Followed, item: JsonObject) -> None:
        if owner := _owner(item):
            followed.marked.setdefault(owner, {})[key_of(item)] = item

    def _unmark(self, followed: Followed, item: JsonObject) -> None:
        owner = _owner(item)
        members = followed.marked.get(owner, {})
        members.pop(key_of(item), None)
        if not members:
            followed.marked.pop(owner, None)


def _owner(item: JsonObject) -> str:
    tracking = tracking_of(item)
    return tracking.application if tracking is not None else ""


def _uid(item: JsonObject) -> str:
    return str(metadata_of(item).get("uid") or "")
