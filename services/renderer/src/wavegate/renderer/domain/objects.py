"""From what a tool printed to the objects of an application: lists expanded, everything checked, in order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from wavegate.contracts import bundles
from wavegate.contracts.failures import Rejected
from wavegate.contracts.identity import canonical_json
from wavegate.contracts.reasons import Reason

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one application may render to."""

    objects: int = 10_000
    bundle_bytes: int = 64 << 20
    object_bytes: int = 1536 << 10
    """More than etcd takes."""
    directory_bytes: int = 10 << 20
    """All manifests of a plain directory together, as with Argo CD."""


def expanded(objects: Sequence[JsonObject]) -> list[JsonObject]:
    """Return the objects with every list in place of its items; a list of nothing is left out."""
    return [one for item in objects for one in _items(item)]


def checked(objects: Sequence[JsonObject], limits: Limits) -> list[JsonObject]:
    """Return the objects if the cluster could be asked about each.

    Raises:
        Rejected: TOO_MANY_OBJECTS, INVALID_MANIFEST.
    """
    if len(objects) > limits.objects:
        raise Rejected(Reason.TOO_MANY_OBJECTS, f"{len(objects)} objects, more than {limits.objects}")
    for one in objects:
        _check(one)
    return list(objects)


def bundle(objects: Sequence[JsonObject], limits: Limits) -> bytes:
    """Return the bytes of a bundle, objects in the order in which they came.

    Raises:
        Rejected: MANIFEST_TOO_LARGE.
    """
    content = bundles.encode(objects)
    if len(content) > limits.bundle_bytes:
        raise Rejected(Reason.MANIFEST_TOO_LARGE, f"{len(content)} bytes rendered, more than {limits.bundle_bytes}")
    if len(content) > limits.object_bytes:
        _check_sizes(objects, limits)
    return content


def _items(item: JsonObject) -> Iterator[JsonObject]:
    kind, items = item.get("kind"), item.get("items")
    if isinstance(items, list):
        for one in items:
            if not isinstance(one, dict):
                raise Rejected(Reason.INVALID_MANIFEST, f"an item of a {kind} is not an object")
            yield from _items(one)
    elif not (isinstance(kind, str) and kind.endswith("List") and "items" in item and items is None):
        yield item


def _check(one: JsonObject) -> None:
    metadata = one.get("metadata")
    name = metadata.get("name") or metadata.get("generateName") if isinstance(metadata, dict) else None
    for what, value in (("kind", one.get("kind")), ("apiVersion", one.get("apiVersion")), ("metadata.name", name)):
        if not isinstance(value, str) or not value:
            known = "/".join(str(part) for part in (one.get("kind"), name) if part)
            raise Rejected(Reason.INVALID_MANIFEST, f"Object '{what}' is missing{f' in {known}' if known else ''}")


def _check_sizes(objects: Sequence[JsonObject], limits: Limits) -> None:
    for one in objects:
        size = len(canonical_json(one))
        if size > limits.object_bytes:
            label = f"{one['kind']}/{one['metadata'].get('name', '')}"
            raise Rejected(Reason.MANIFEST_TOO_LARGE, f"{label} has {size} bytes, more than {limits.object_bytes}")
