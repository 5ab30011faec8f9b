"""Places inside objects, as a small path language, and the two things done at them: leaving out, and taking from live.

A path is a tuple of steps: a string is a key of a map, `Items` stands for elements of a list. Paths that a value does
not have are passed over, so that one path fits the object as Git has it and as it lives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wavegate.manifests.identity import JsonObject


@dataclass(frozen=True, slots=True)
class Items:
    """Elements of a list.

    Attributes:
        names: only elements whose `name` is among these; None means all.
        others: turn the choice round: only elements whose `name` is not among `names`.
        identity: dotted fields by which an element of one list is found in another; none means by position among the
            chosen elements.
    """

    names: frozenset[str] | None = None
    others: bool = False
    identity: tuple[str, ...] = ()

    def chooses(self, element: Any) -> bool:
        """Say whether an element is meant."""
        if self.names is None:
            return True
        name = element.get("name") or "" if isinstance(element, Mapping) else ""
        return (name in self.names) is not self.others

    def __str__(self) -> str:
        if self.names is None:
            return "[*]"
        return f"[{'!' if self.others else ''}{','.join(sorted(self.names))}]"


Path = tuple[str | Items, ...]


def spelled(path: Path) -> str:
    """Return a path for people: `spec.http[primary].route[*].weight`."""
    return "".join(str(step) if isinstance(step, Items) else f".{step}" for step in path).removeprefix(".")


def without(value: Any, paths: Iterable[Path]) -> Any:
    """Return a copy of `value` that holds nothing at `paths`; what does not change is shared, not copied."""
    for path in paths:
        value = _without(value, path)
    return value


def _without(value: Any, path: Path) -> Any:
    head, rest = path[0], path[1:]
    if isinstance(head, Items):
        return _without_items(value, head, rest) if isinstance(value, list) else value
    if not isinstance(value, Mapping) or head not in value:
        return value
    kept = {key: child for key, child in value.items() if key != head}
    return {**kept, head: _without(value[head], rest)} if rest else kept


def _without_items(value: list[Any], items: Items, rest: Path) -> list[Any]:
    if not rest:
        return [element for element in value if not items.chooses(element)]
    return [_without(element, rest) if items.chooses(element) else element for element in value]


def take_from_live(desired: JsonObject, live: JsonObject, paths: Iterable[Path]) -> JsonObject:
    """Return `desired` with the values that `live` has at `paths`; where live has nothing, neither has the result."""
    result: Any = desired
    for path in paths:
        result = _take(result, live, path)
    return dict(result)


def _take(desired: Any, live: Any, path: Path) -> Any:
    head, rest = path[0], path[1:]
    if isinstance(head, Items):
        return (
            _take_items(desired, live, head, rest) if isinstance(desired, list) and isinstance(live, list) else desired
        )
    if not isinstance(desired, Mapping) or not isinstance(live, Mapping):
        return desired
    if rest:
        return (
            {**desired, head: _take(desired[head], live[head], rest)} if head in desired and head in live else desired
        )
    kept = {key: child for key, child in desired.items() if key != head}
    return {**kept, head: live[head]} if head in live else kept


def _take_items(desired: list[Any], live: list[Any], items: Items, rest: Path) -> list[Any]:
    if not rest:
        return _merged(desired, live, items)
    partners = _partners(live, items)
    result: list[Any] = []
    position = 0
    for element in desired:
        if not items.chooses(element):
            result.append(element)
            continue
        partner = partners.get(_name(element, items, position))
        result.append(element if partner is None else _take(element, partner, rest))
        position += 1
    return result


def _merged(desired: list[Any], live: list[Any], items: Items) -> list[Any]:
    """Elements that live alone decides stand where live has them; the others follow in Git's order."""
    own = iter([element for element in desired if not items.chooses(element)])
    result: list[Any] = []
    for element in live:
        if items.chooses(element):
            result.append(element)
        else:
            result.extend([following for following in [next(own, None)] if following is not None])
    return [*result, *own]


def _partners(live: list[Any], items: Items) -> dict[Any, Any]:
    chosen = [element for element in live if items.chooses(element)]
    return {_name(element, items, position): element for position, element in enumerate(chosen)}


def _name(element: Any, items: Items, position: int) -> Any:
    if not items.identity:
        return position
    return tuple(_at(element, field) for field in items.identity)


def _at(value: Any, dotted: str) -> Any:
    for step in dotted.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
