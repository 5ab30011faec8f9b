"""`.argocd-source.yaml`: overrides of a source that lie beside the manifests (argocd.md §1.2)."""

from collections.abc import Mapping
from typing import Any

SHARED = ".argocd-source.yaml"
_KEPT = ("chart", "path", "repoURL", "targetRevision", "ref")


def names(application: str) -> tuple[str, str]:
    """Return the files that may hold overrides, the weaker first."""
    return (SHARED, f".argocd-source-{application}.yaml")


def merged(source: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return the source with a patch merged in (RFC 7386). What says where the source lies stays as it is."""
    result = _merge(source, patch)
    kept = {name: source[name] for name in _KEPT if name in source}
    return {name: value for name, value in result.items() if name not in _KEPT} | kept


def _merge(target: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merge(result.get(name), value)
    return result
