"""What a watch knows: the newest version of each object that it, or we ourselves, have seen.

Our own writes are put in as they are answered, so that the next look at an object does not see it older than we left it.
Versions of one collection are compared as numbers, as Kubernetes promises since 1.35 (KEP-5504). An object is never replaced
by an older version, and one that a watch has already reported as deleted does not come back from a late answer: the answer's
version is then not beyond the watch's position.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from wavegate.kube.resources import JsonObject

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an object.

    Attributes:
        type: deleted carries the last state known.
        object: the object now; not to be modified, everybody shares it.
        previous: what was known before, None when nothing was.
    """

    type: Literal["added", "modified", "deleted"]
    object: JsonObject
    previous: JsonObject | None = None


class WatchCache:
    """Objects by (namespace, name); cluster-scoped ones have the namespace ""."""

    def __init__(self) -> None:
        self.position = ""
        self._objects: dict[Place, JsonObject] = {}

    def get(self, namespace: str, name: str) -> JsonObject | None:
        """The newest known version of an object."""
        return self._objects.get((namespace, name))

    def items(self) -> tuple[JsonObject, ...]:
        """All known objects."""
        return tuple(self._objects.values())

    def replace(self, items: Iterable[JsonObject], position: str) -> list[Change]:
        """Take over a fresh list. What it lacks is deleted, save what was put in after it was made."""
        self.position = position
        changes: list[Change] = []
        listed: set[Place] = set()
        for item in items:
            listed.add(place_of(item))
            changes += self._take(item)
        for place in self._objects.keys() - listed:
            held = self._objects[place]
            if not _newer(version_of(held), position):
                del self._objects[place]
                changes.append(Change("deleted", held, held))
        return changes

    def observe(self, item: JsonObject) -> list[Change]:
        """Take over what a watch reported as added or modified."""
        self.position = version_of(item)
        return self._take(item)

    def remove(self, item: JsonObject) -> list[Change]:
        """Take over what a watch reported as deleted."""
        self.position = version_of(item)
        held = self._objects.get(place_of(item))
        if held is None or _newer(version_of(held), version_of(item)):
            return []
        del self._objects[place_of(item)]
        return [Change("deleted", item, held)]

    def put(self, item: JsonObject) -> list[Change]:
        """Take over the answer to a write of our own."""
        if place_of(item) not in self._objects and not _newer(version_of(item), self.position):
            return []
        return self._take(item)

    def _take(self, item: JsonObject) -> list[Change]:
        place = place_of(item)
        held = self._objects.get(place)
        if held is not None and not _newer(version_of(item), version_of(held)):
            return []
        self._objects[place] = item
        if held is None:
            return [Change("added", item)]
        if _uid_of(held) != _uid_of(item):
            return [Change("deleted", held, held), Change("added", item)]
        return [Change("modified", item, held)]


def place_of(item: JsonObject) -> Place:
    """Where an object stands: (namespace, name)."""
    metadata = item["metadata"]
    return str(metadata.get("namespace") or ""), str(metadata["name"])


def version_of(item: JsonObject) -> str:
    """An object's resource version."""
    return str(item["metadata"].get("resourceVersion") or "")


def _uid_of(item: JsonObject) -> str:
    return str(item["metadata"].get("uid") or "")


def _newer(one: str, other: str) -> bool:
    """Whether version `one` came after `other`; what cannot be compared counts as newer unless it is the same."""
    if one.isdecimal() and other.isdecimal():
        return int(one) > int(other)
    return one != other
