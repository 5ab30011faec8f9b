"""What an object is called, as the API server's discovery and paths spell it.

Objects travel as plain JSON dictionaries: Wavegate applies what users wrote, and typed models would lose fields that
they do not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import quote

JsonObject = dict[str, Any]


class GroupVersionKind(NamedTuple):
    """The type of an object; the core group is the empty string."""

    group: str
    version: str
    kind: str

    @property
    def api_version(self) -> str:
        """The `apiVersion` field: `apps/v1`, or `v1` for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.api_version} {self.kind}"

    @classmethod
    def parse(cls, api_version: str, kind: str) -> GroupVersionKind:
        """Split an `apiVersion` as manifests write it."""
        group, _, version = api_version.rpartition("/")
        return cls(group, version, kind)

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> GroupVersionKind:
        """The type that a manifest declares.

        Raises:
            KeyError: `apiVersion` or `kind` is missing.
        """
        return cls.parse(str(manifest["apiVersion"]), str(manifest["kind"]))


@dataclass(frozen=True, slots=True)
class ApiResource:
    """One served resource, as discovery lists it."""

    gvk: GroupVersionKind
    plural: str
    namespaced: bool
    verbs: frozenset[str]
    short_names: tuple[str, ...] = ()

    def collection_path(self, namespace: str | None) -> str:
        """The path of the collection; `namespace` is ignored for cluster-scoped resources, None means all namespaces."""
        prefix = f"/apis/{self.gvk.group}/{self.gvk.version}" if self.gvk.group else f"/api/{self.gvk.version}"
        scope = f"/namespaces/{_segment(namespace)}" if self.namespaced and namespace else ""
        return f"{prefix}{scope}/{self.plural}"

    def object_path(self, namespace: str | None, name: str, subresource: str | None = None) -> str:
        """The path of one object or of one of its subresources.

        Raises:
            ValueError: the name cannot be part of a path, or a namespaced object comes without a namespace.
        """
        if self.namespaced and not namespace:
            raise ValueError(f"{self.gvk} {name}: a namespaced object needs a namespace")
        path = f"{self.collection_path(namespace)}/{_segment(name)}"
        return f"{path}/{subresource}" if subresource else path


def _segment(name: str | None) -> str:
    """A path segment. Dots alone would walk the path, so `.` and `..` are refused as Kubernetes itself refuses them."""
    if not name or name in {".", ".."}:
        raise ValueError(f"{name!r} is not the name of an object")
    return quote(name, safe="")
