"""A deleted application whose finalizer asks for its objects to go first (argocd.md §2.12, the part without hooks)."""

from __future__ import annotations

from wavegate.manifests.identity import JsonObject, annotations_of, metadata_of, owner_of
from wavegate.manifests.waves import wave_of
from wavegate.syncer.domain.actions import Delete, Removal, Report
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.options import options_of

FINALIZER = "resources-finalizer.argocd.argoproj.io"
FINALIZERS = frozenset({FINALIZER, f"{FINALIZER}/foreground", f"{FINALIZER}/background"})
HELM_POLICY = "helm.sh/resource-policy"


def delete(turn: Turn) -> Turn:
    """Delete the highest wave that is left; let the application go once nothing is."""
    held = [name for name in metadata_of(turn.application.manifest).get("finalizers") or () if name in FINALIZERS]
    if not held:
        return turn
    left = [Removal(key, live) for key, live in turn.seen.live.items() if _goes(turn, live)]
    if not left:
        finalizers = metadata_of(turn.application.manifest).get("finalizers") or ()
        kept = [name for name in finalizers if name not in FINALIZERS]
        metadata = {"finalizers": kept or None, "resourceVersion": turn.application.version}
        return turn.doing(Report({"metadata": metadata}))
    highest = max(wave_of(removal.live) for removal in left)
    due = [removal for removal in left if wave_of(removal.live) == highest]
    standing = tuple(removal for removal in due if not metadata_of(removal.live).get("deletionTimestamp"))
    return turn.doing(Delete(turn.state.fence, standing)) if standing else turn


def _goes(turn: Turn, live: JsonObject) -> bool:
    if owner_of(live) != turn.application.tracking_name or "Delete=false" in options_of(live):
        return False
    return annotations_of(live).get(HELM_POLICY) != "keep"
