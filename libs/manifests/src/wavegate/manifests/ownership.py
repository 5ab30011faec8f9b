"""Who owns which fields, as the API server keeps book of it in `metadata.managedFields` (FieldsV1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wavegate.manifests.fields import Path, without
from wavegate.manifests.identity import JsonObject, group_kind_of, metadata_of
from wavegate.manifests.lists import ATOMIC_MAPS, DEFAULTED, keyed, native
from wavegate.manifests.projection import comparable
from wavegate.manifests.reading import json_map

Fields = Mapping[str, Any]
_NOT_BOOKED = frozenset({"apiVersion", "kind", "metadata.name", "metadata.namespace"})


def entries(obj: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the managedFields entries of an object, less those of its status."""
    listed = metadata_of(obj).get("managedFields") or []
    return [entry for entry in listed if isinstance(entry, Mapping) and not entry.get("subresource")]


def applied_by(obj: Mapping[str, Any], manager: str) -> bool:
    """Say whether `manager` server-side applied the object."""
    return any(entry.get("manager") == manager and entry.get("operation") == "Apply" for entry in entries(obj))


def fields_of(obj: Mapping[str, Any], manager: str) -> Fields:
    """Return the fields that `manager` owns, by applying or by updating."""
    result: Fields = {}
    for entry in entries(obj):
        if entry.get("manager") == manager:
            result = _union(result, entry.get("fieldsV1") or {})
    return result


def _union(left: Fields, right: Fields) -> Fields:
    return {**left, **{key: _union(left.get(key, {}), child) for key, child in right.items()}}


def lost_fields(
    desired: JsonObject, live: Mapping[str, Any], manager: str, excluded: Iterable[Path] = ()
) -> tuple[str, ...]:
    """Return the places that `desired` sets and `manager` does not own any more in `live`: the fields that drifted.

    Another writer who changes a value takes the field over; who removes it, leaves it to nobody. Both show here, without
    comparing values, so canonical forms cannot mislead.
    """
    paths = tuple(excluded)
    wanted = without(comparable(desired), paths)
    owned = fields_of(live, manager)
    is_native = native(group_kind_of(desired).group)
    return tuple(path for path in _lost(wanted, live, owned, "", is_native=is_native) if path not in _NOT_BOOKED)


def last_writer(live: Mapping[str, Any], manager: str) -> str:
    """Return who else wrote the object last, empty when nobody did."""
    others = [entry for entry in entries(live) if entry.get("manager") not in {manager, None}]
    latest = max(others, key=lambda entry: str(entry.get("time") or ""), default=None)
    return str(latest["manager"]) if latest else ""


def _lost(desired: Any, live: Any, owned: Fields | None, path: str, *, is_native: bool) -> Iterator[str]:
    field = path.rpartition(".")[2].partition("[")[0]
    if isinstance(desired, Mapping) and desired and not (is_native and field in ATOMIC_MAPS):
        yield from _lost_in_map(desired, live, owned, path, is_native=is_native)
    elif isinstance(desired, list) and is_native and (wanted := keyed(field, desired)):
        yield from _lost_in_list(wanted, keyed(field, live) or {}, owned, path)
    elif live is None or owned is None:
        yield path


def _lost_in_map(
    desired: Mapping[str, Any], live: Any, owned: Fields | None, path: str, *, is_native: bool
) -> Iterator[str]:
    there = live if isinstance(live, Mapping) else {}
    for key, child in desired.items():
        deeper = (owned or {}).get(f"f:{key}")
        yield from _lost(child, there.get(key), deeper, f"{path}.{key}" if path else key, is_native=is_native)


def _lost_in_list(
    desired: Mapping[tuple[Any, ...], Any], live: Mapping[tuple[Any, ...], Any], owned: Fields | None, path: str
) -> Iterator[str]:
    booked = {_booked(name): deeper for name, deeper in (owned or {}).items() if name.startswith("k:")}
    for key, child in desired.items():
        deeper = booked.get(frozenset(map(str, key)))
        yield from _lost(child, live.get(key), deeper, f"{path}[{key[0]}]", is_native=True)


def _booked(name: str) -> frozenset[str]:
    """Return the values of a `k:{…}` entry; the book gives defaulted keys too, so values alone identify an element."""
    keys = json_map(name.removeprefix("k:"))
    return frozenset(str(keys.get(key, DEFAULTED.get(key))) for key in keys)
