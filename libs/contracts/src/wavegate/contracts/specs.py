"""Which parts of an Application's spec decide what is rendered and where it goes."""

from typing import Any

from wavegate.contracts.identity import digest

_RENDERED = ("project", "source", "sources", "destination")


def render_digest(spec: dict[str, Any]) -> str:
    """Return the digest of the parts of `spec` (as JSON) that a rendered bundle depends on.

    Sync policy, ignored differences and history limits are left out: changing them needs no new render.
    """
    return digest({part: spec[part] for part in _RENDERED if spec.get(part)})


def sources(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the sources: `sources` when set, else the one `source` (argocd.md §1.1)."""
    return list(spec.get("sources") or ([spec["source"]] if spec.get("source") else []))
