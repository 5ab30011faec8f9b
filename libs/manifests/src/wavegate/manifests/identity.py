"""What an object is called, and how an application's mark on it reads.

The tracking id is Argo CD's own, byte for byte (argocd.md §2.3), so that a cluster can move over and back without a
redeploy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

JsonObject = dict[str, Any]

TRACKING_ANNOTATION = "argocd.argoproj.io/tracking-id"
INTENT_ANNOTATION = "wavegate.dev/intent"
CAUSE_ANNOTATION = "wavegate.dev/cause"
LAST_APPLIED_ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"

OUTSIDE_DIGESTS = frozenset({INTENT_ANNOTATION, CAUSE_ANNOTATION, LAST_APPLIED_ANNOTATION})
"""Annotations that ride on writes but are no part of what Git says (architecture §4)."""


class GroupKind(NamedTuple):
    """A kind without its version; the core group is the empty string."""

    group: str
    kind: str

    def __str__(self) -> str:
        return f"{self.group}/{self.kind}" if self.group else self.kind


class ObjectKey(NamedTuple):
    """Which object: Argo CD's `kube.ResourceKey`. `namespace` is empty for cluster-scoped objects."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return "/".join(self)

    @property
    def group_kind(self) -> GroupKind:
        """The key's kind."""
        return GroupKind(self.group, self.kind)

    @classmethod
    def parse(cls, text: str) -> ObjectKey:
        """Read what `str` wrote: `group/kind/namespace/name`.

        Raises:
            ValueError: There are not exactly four parts.
        """
        parts = text.split("/")
        if len(parts) != 4:
            raise ValueError(f"{text!r} is not group/kind/namespace/name")
        return cls(*parts)


def group_of(api_version: str) -> str:
    """Return the group of an `apiVersion`, empty for the core group."""
    return api_version.rpartition("/")[0]


def version_of(api_version: str) -> str:
    """Return the version of an `apiVersion`."""
    return api_version.rpartition("/")[2]


def group_kind_of(obj: Mapping[str, Any]) -> GroupKind:
    """Return an object's kind; empty parts where the object does not say."""
    return GroupKind(group_of(str(obj.get("apiVersion") or "")), str(obj.get("kind") or ""))


def metadata_of(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an object's metadata, empty when it has none."""
    metadata = obj.get("metadata")
    return metadata if isinstance(metadata, Mapping) else {}


def annotations_of(obj: Mapping[str, Any]) -> Mapping[str, str]:
    """Return an object's annotations, empty when it has none."""
    annotations = metadata_of(obj).get("annotations")
    return annotations if isinstance(annotations, Mapping) else {}


def key_of(obj: Mapping[str, Any]) -> ObjectKey:
    """Return the key of an object as it stands: an empty namespace stays empty."""
    metadata = metadata_of(obj)
    group, kind = group_kind_of(obj)
    return ObjectKey(group, kind, str(metadata.get("namespace") or ""), str(metadata.get("name") or ""))


@dataclass(frozen=True, slots=True)
class TrackingId:
    """An application's mark on an object: which application, and which object the mark was made for."""

    application: str
    key: ObjectKey

    def __str__(self) -> str:
        group, kind, namespace, name = self.key
        return f"{self.application}:{group}/{kind}:{namespace}/{name}"

    @classmethod
    def parse(cls, text: str) -> TrackingId | None:
        """Read a tracking id, None when it is malformed: Argo CD treats such an object as not tracked.

        Object names may hold colons (RBAC), so only the first two count.
        """
        application, _, rest = text.partition(":")
        type_, _, place = rest.partition(":")
        if type_.count("/") != 1 or place.count("/") != 1:
            return None
        group, kind = type_.split("/")
        namespace, name = place.split("/")
        return cls(application, ObjectKey(group, kind, namespace, name))


def tracking_name(namespace: str, name: str, control_namespace: str) -> str:
    """Return how tracking ids name an application: `<ns>_<name>` outside the control-plane namespace."""
    return name if namespace == control_namespace else f"{namespace}_{name}"


def tracking_of(obj: Mapping[str, Any]) -> TrackingId | None:
    """Return the tracking id that an object carries, None when it carries none that can be read."""
    text = annotations_of(obj).get(TRACKING_ANNOTATION)
    return TrackingId.parse(text) if isinstance(text, str) else None


def self_referenced(obj: Mapping[str, Any], tracking: TrackingId) -> bool:
    """Say whether an object's mark was made for this very object, not copied from another (argocd.md §2.3)."""
    group, kind, namespace, name = key_of(obj)
    marked = tracking.key
    return (group, kind, name) == (marked.group, marked.kind, marked.name) and namespace in {"", marked.namespace}


def owner_of(obj: Mapping[str, Any]) -> str | None:
    """Return the application whose own object this is; None for copies and for objects that another object owns."""
    tracking = tracking_of(obj)
    if tracking is None or metadata_of(obj).get("ownerReferences") or not self_referenced(obj, tracking):
        return None
    return tracking.application


def intent_of(obj: Mapping[str, Any]) -> int:
    """Return the intent number under which an object was last written, 0 when it carries none."""
    text = annotations_of(obj).get(INTENT_ANNOTATION, "")
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() else 0


def annotated(obj: JsonObject, annotations: Mapping[str, str]) -> JsonObject:
    """Return a copy of `obj` that also carries `annotations`."""
    metadata = dict(metadata_of(obj))
    metadata["annotations"] = {**annotations_of(obj), **annotations}
    return {**obj, "metadata": metadata}


def tracked(obj: JsonObject, application: str, destination_namespace: str) -> JsonObject:
    """Return a copy of `obj` with its tracking id. CRDs get none; cluster-scoped objects name the destination's namespace."""
    key = key_of(obj)
    if key.group_kind == GroupKind("apiextensions.k8s.io", "CustomResourceDefinition"):
        return obj
    marked = key._replace(namespace=key.namespace or destination_namespace)
    return annotated(obj, {TRACKING_ANNOTATION: str(TrackingId(application, marked))})
