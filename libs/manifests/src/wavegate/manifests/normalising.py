"""Rendered objects as they are to be applied (argocd.md §2.1): lists taken apart, namespaces settled, repeats dropped."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wavegate.manifests.identity import GroupKind, JsonObject, ObjectKey, group_kind_of, key_of, metadata_of
from wavegate.manifests.masking import SECRET
from wavegate.manifests.waves import defined_kind

_SERVER_SIDE_METADATA = frozenset(
    {"creationTimestamp", "deletionTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"}
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """Objects ready to be applied, one for each key; `repeated` says which keys came more than once, and how often."""

    objects: tuple[JsonObject, ...]
    repeated: Mapping[ObjectKey, int]


def normalised(
    rendered: Iterable[JsonObject], destination_namespace: str, namespaced: Callable[[GroupKind], bool | None]
) -> Normalised:
    """Bring rendered objects to the form in which they are compared and applied.

    `namespaced` answers for kinds that the API server serves, None for the others: those are looked up among the CRDs at
    hand, and otherwise count as namespaced. Of objects with one key the last one wins.
    """
    expanded = list(_expanded(rendered))
    scopes = {kind: scope for obj in expanded for kind, scope in _defined(obj)}

    def is_namespaced(kind: GroupKind) -> bool:
        served = namespaced(kind)
        return served if served is not None else scopes.get(kind, True)

    placed = [_placed(_cleaned(obj), destination_namespace, is_namespaced) for obj in expanded]
    counts = Counter(map(key_of, placed))
    last = {key_of(obj): obj for obj in placed}
    return Normalised(tuple(last.values()), {key: count for key, count in counts.items() if count > 1})


def _expanded(objects: Iterable[JsonObject]) -> Iterator[JsonObject]:
    for obj in objects:
        items = obj.get("items")
        if str(obj.get("kind", "")).endswith("List") and "items" in obj:
            yield from _expanded(item for item in items or () if isinstance(item, dict))
        else:
            yield obj


def _defined(obj: JsonObject) -> Iterator[tuple[GroupKind, bool]]:
    kind = defined_kind(obj)
    if kind is not None:
        yield kind, (obj.get("spec") or {}).get("scope") != "Cluster"


def _placed(obj: JsonObject, destination_namespace: str, is_namespaced: Callable[[GroupKind], bool]) -> JsonObject:
    metadata = metadata_of(obj)
    kept = {name: value for name, value in metadata.items() if name != "namespace"}
    if is_namespaced(group_kind_of(obj)):
        kept["namespace"] = metadata.get("namespace") or destination_namespace
    return {**obj, "metadata": kept}


def _cleaned(obj: JsonObject) -> JsonObject:
    """Drop what only the API server sets, explicit nulls, and `stringData` in favour of `data`."""
    kept = {name: value for name, value in obj.items() if name != "status"}
    kept["metadata"] = {name: value for name, value in metadata_of(obj).items() if name not in _SERVER_SIDE_METADATA}
    if group_kind_of(obj) == SECRET:
        kept = _with_data(kept)
    return {name: without_nulls(value) for name, value in kept.items() if value is not None}


def _with_data(secret: JsonObject) -> JsonObject:
    texts = secret.get("stringData") or {}
    data = {name: value or "" for name, value in (secret.get("data") or {}).items()}
    data.update({name: base64.b64encode(str(text).encode()).decode() for name, text in texts.items()})
    kept = {name: value for name, value in secret.items() if name not in {"data", "stringData"}}
    return {**kept, "data": data} if data else kept


def without_nulls(value: Any) -> Any:
    """Return a JSON value without map entries that are null: to server-side apply they say nothing."""
    if isinstance(value, Mapping):
        return {key: without_nulls(child) for key, child in value.items() if child is not None}
    if isinstance(value, list):
        return [without_nulls(child) for child in value]
    return value
