"""The order in which objects are written (argocd.md §2.5): wave, then kind, then name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from wavegate.manifests.identity import GroupKind, JsonObject, ObjectKey, annotations_of, group_kind_of, key_of

WAVE_ANNOTATION = "argocd.argoproj.io/sync-wave"
HELM_WEIGHT_ANNOTATION = "helm.sh/hook-weight"

CRD = GroupKind("apiextensions.k8s.io", "CustomResourceDefinition")

KIND_ORDER = (
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
)
_RANK = {kind: rank for rank, kind in enumerate(KIND_ORDER)}


def wave_of(obj: Mapping[str, Any]) -> int:
    """Return an object's wave: `sync-wave`, else the Helm hook's weight, else 0; what is no integer is passed over."""
    annotations = annotations_of(obj)
    for name in (WAVE_ANNOTATION, HELM_WEIGHT_ANNOTATION):
        wave = _integer(annotations.get(name))
        if wave is not None:
            return wave
    return 0


def _integer(text: Any) -> int | None:
    """Go's `strconv.Atoi`: an optional sign and ASCII digits, nothing else."""
    if not isinstance(text, str) or not text.isascii():
        return None
    digits = text[1:] if text[:1] in {"+", "-"} else text
    return int(text) if digits.isdigit() and len(digits) < 19 else None


def kind_rank(kind: str) -> int:
    """Return a kind's place in the order of kinds; kinds that the order does not name come last."""
    return _RANK.get(kind, len(KIND_ORDER))


def effective_waves(objects: Iterable[Mapping[str, Any]]) -> dict[ObjectKey, int]:
    """Return each object's wave; a Namespace or CRD comes no later than the first object that needs it."""
    listed = list(objects)
    waves = {key_of(obj): wave_of(obj) for obj in listed}
    needed: dict[ObjectKey | GroupKind, int] = {}
    for key, wave in waves.items():
        for need in (ObjectKey("", "Namespace", "", key.namespace), key.group_kind):
            needed[need] = min(wave, needed.get(need, wave))
    for obj in listed:
        key = key_of(obj)
        need = defined_kind(obj) or key
        waves[key] = min(waves[key], needed.get(need, waves[key]))
    return waves


def defined_kind(obj: Mapping[str, Any]) -> GroupKind | None:
    """Return the kind that a CustomResourceDefinition defines, None for any other object."""
    if group_kind_of(obj) != CRD:
        return None
    spec = obj.get("spec") or {}
    return GroupKind(str(spec.get("group") or ""), str((spec.get("names") or {}).get("kind") or ""))


def sort_key(key: ObjectKey, wave: int) -> tuple[int, int, str, str, str]:
    """Return what objects are sorted by within a phase; kinds outside the table stay together, by name."""
    return (wave, kind_rank(key.kind), str(key.group_kind), key.name, key.namespace)


def by_wave(objects: Iterable[JsonObject]) -> list[tuple[int, list[JsonObject]]]:
    """Return objects wave by wave, lowest first, in order within each."""
    listed = list(objects)
    waves = effective_waves(listed)
    ordered = sorted(listed, key=lambda obj: sort_key(key_of(obj), waves[key_of(obj)]))
    return [(wave, list(members)) for wave, members in groupby(ordered, key=lambda obj: waves[key_of(obj)])]


def by_kind(objects: Iterable[JsonObject]) -> list[list[JsonObject]]:
    """Split objects that are already in order into runs of one kind: parallel inside, one after the other between."""
    return [list(members) for _, members in groupby(objects, key=group_kind_of)]
