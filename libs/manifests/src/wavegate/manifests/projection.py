"""What a live object says at the places that we set (architecture §7).

The places are read off the object that we apply: every leaf of it. A live object is projected onto them, and the digest of
that projection, taken from what the API server returned when we applied, is what later looks compare with. So defaults,
canonical quantities and other controllers' fields need no knowledge of ours: they are either not at our places, or were
already there when the server answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wavegate.contracts.identity import digest
from wavegate.manifests.fields import Path, without
from wavegate.manifests.identity import OUTSIDE_DIGESTS, JsonObject, annotations_of, group_kind_of, metadata_of
from wavegate.manifests.lists import ATOMIC_MAPS, keyed, native

_IDENTITY = frozenset({"apiVersion", "kind"})


def projected(desired: JsonObject, live: Mapping[str, Any], excluded: Iterable[Path] = ()) -> JsonObject:
    """Return what `live` holds at the places that `desired` sets, less `excluded` ones."""
    paths = tuple(excluded)
    wanted = without(comparable(desired), paths)
    result = _map(wanted, without(live, paths), is_native=native(group_kind_of(desired).group))
    return {key: value for key, value in result.items() if key not in _IDENTITY}


def comparable(desired: JsonObject) -> JsonObject:
    """Return `desired` without the annotations that ride on writes but are outside every digest."""
    if not OUTSIDE_DIGESTS & annotations_of(desired).keys():
        return desired
    kept = {name: text for name, text in annotations_of(desired).items() if name not in OUTSIDE_DIGESTS}
    metadata = {name: value for name, value in metadata_of(desired).items() if name != "annotations"}
    return {**desired, "metadata": {**metadata, "annotations": kept} if kept else metadata}


def desired_digest(desired: JsonObject, excluded: Iterable[Path] = ()) -> str:
    """Return the digest of what we want, less `excluded` places."""
    return digest(without(comparable(desired), tuple(excluded)))


def live_digest(desired: JsonObject, live: Mapping[str, Any], excluded: Iterable[Path] = ()) -> str:
    """Return the digest of what lives at the places that `desired` sets, less `excluded` ones."""
    return digest(projected(desired, live, excluded))


def _project(desired: Any, live: Any, field: str, *, is_native: bool) -> Any:
    if isinstance(desired, Mapping) and isinstance(live, Mapping):
        if is_native and field in ATOMIC_MAPS:
            return live
        return _map(desired, live, is_native=is_native)
    if isinstance(desired, list) and isinstance(live, list) and is_native:
        return _list(desired, live, field)
    return live


def _map(desired: Mapping[str, Any], live: Mapping[str, Any], *, is_native: bool) -> dict[str, Any]:
    return {key: _project(child, live[key], key, is_native=is_native) for key, child in desired.items() if key in live}


def _list(desired: list[Any], live: list[Any], field: str) -> list[Any]:
    wanted, there = keyed(field, desired), keyed(field, live)
    if wanted is None or there is None:
        return live
    return [_project(child, there[key], "", is_native=True) for key, child in wanted.items() if key in there]
