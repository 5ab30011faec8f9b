"""Objects that are hooks. Running them is not finished yet: they are refused by name, not applied as if they were none.

Helm test hooks and others that Argo CD passes over too are left out silently, as are `Skip` hooks (argocd.md §1.6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wavegate.manifests.identity import JsonObject, ObjectKey, annotations_of, key_of

HOOK_ANNOTATION = "argocd.argoproj.io/hook"
HELM_HOOK_ANNOTATION = "helm.sh/hook"

_RUN = frozenset({"PreSync", "Sync", "PostSync", "SyncFail", "PreDelete", "PostDelete"})
_HELM = {
    "pre-install": "PreSync",
    "pre-upgrade": "PreSync",
    "post-install": "PostSync",
    "post-upgrade": "PostSync",
    "pre-delete": "PreDelete",
    "post-delete": "PostDelete",
}


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook and the phases that it would run in; none when it is passed over."""

    key: ObjectKey
    phases: tuple[str, ...]


def parted(objects: Iterable[JsonObject]) -> tuple[list[JsonObject], tuple[Hook, ...]]:
    """Part ordinary objects from hooks."""
    ordinary: list[JsonObject] = []
    found: list[Hook] = []
    for obj in objects:
        phases = phases_of(obj)
        if phases is None:
            ordinary.append(obj)
        else:
            found.append(Hook(key_of(obj), phases))
    return ordinary, tuple(found)


def phases_of(obj: JsonObject) -> tuple[str, ...] | None:
    """Return a hook's phases, None for an ordinary object. `crd-install` makes no hook."""
    annotations = annotations_of(obj)
    if own := _listed(annotations.get(HOOK_ANNOTATION)):
        return tuple(phase for phase in own if phase in _RUN)
    helm = [name for name in _listed(annotations.get(HELM_HOOK_ANNOTATION)) if name != "crd-install"]
    if not helm:
        return None
    return tuple(dict.fromkeys(_HELM[name] for name in helm if name in _HELM))


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in str(text or "").split(",") if part.strip()]
