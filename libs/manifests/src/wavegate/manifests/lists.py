# data table: how the lists and maps of Kubernetes' own types are merged (`patchMergeKey`, `x-kubernetes-list-type`)
"""Which lists Kubernetes merges by a key, and which maps it owns whole, for its own API groups.

Lists of other groups count as atomic: their definitions may say otherwise, but a whole list that the API server returned
after our write stands still until somebody writes it, which is all that comparing needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MERGE_KEYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "conditions": (("type",),),
    "containers": (("name",),),
    "env": (("name",),),
    "ephemeralContainers": (("name",),),
    "hostAliases": (("ip",),),
    "imagePullSecrets": (("name",),),
    "initContainers": (("name",),),
    "ownerReferences": (("uid",),),
    "ports": (("containerPort", "protocol"), ("port", "protocol")),
    "resourceClaims": (("name",),),
    "secrets": (("name",),),
    "topologySpreadConstraints": (("topologyKey", "whenUnsatisfiable"),),
    "validations": (("name",),),
    "volumeDevices": (("devicePath",),),
    "volumeMounts": (("mountPath",),),
    "volumes": (("name",),),
    "webhooks": (("name",),),
}
DEFAULTED = {"protocol": "TCP"}
"""What the API server puts where a merge key is absent."""

ATOMIC_MAPS = frozenset(
    {"labelSelector", "matchLabels", "namespaceSelector", "nodeSelector", "podSelector", "scaleTargetRef", "selector"}
)


def native(group: str) -> bool:
    """Say whether a group is one of Kubernetes' own: without a dot, or under k8s.io."""
    return "." not in group or group.endswith(".k8s.io")


def element_key(field: str, element: Any) -> tuple[Any, ...] | None:
    """Return what identifies an element of a native list, None when the list is atomic."""
    if not isinstance(element, Mapping):
        return None
    for names in MERGE_KEYS.get(field, ()):
        if names[0] in element:
            return tuple(element.get(name, DEFAULTED.get(name)) for name in names)
    return None


def keyed(field: str, elements: Any) -> dict[tuple[Any, ...], Any] | None:
    """Return a native list by its merge keys, None when it is atomic or its keys are not unique."""
    if not isinstance(elements, list):
        return None
    result: dict[tuple[Any, ...], Any] = {}
    for element in elements:
        key = element_key(field, element)
        if key is None or key in result:
            return None
        result[key] = element
    return result
