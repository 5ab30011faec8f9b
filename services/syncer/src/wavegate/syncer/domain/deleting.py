"""A deleted application whose finalizer asks for its objects to go first (argocd.md §2.12, the part without hooks)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from wavegate.contracts.application import SyncWaiting
from wavegate.contracts.reasons import Reason
from wavegate.manifests.identity import JsonObject, annotations_of, metadata_of, owner_of
from wavegate.manifests.waves import wave_of
from wavegate.syncer.domain import conditions
from wavegate.syncer.domain.actions import Delete, Removal, Report, Reported
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.options import CONFIRM_DELETE, NO_DELETE, options_of

ARGO = ".argocd.argoproj.io"
FINALIZER = f"resources-finalizer{ARGO}"
BACKGROUND = f"{FINALIZER}/background"
FINALIZERS = frozenset({FINALIZER, f"{FINALIZER}/foreground", BACKGROUND})
HELM_POLICY = "helm.sh/resource-policy"
PROBLEMS_SHOWN = 10
"""So many tell enough, and fit into a condition whatever the number of objects."""


def delete(turn: Turn) -> Turn:
    """Delete the highest wave that is left; let the application go once nothing is."""
    finalizers = _finalizers(turn)
    problems = tuple(islice(_problems(turn, finalizers), PROBLEMS_SHOWN))
    if problems:
        return _held(turn, f"nothing is deleted: {'; '.join(problems)}")
    if not FINALIZERS.intersection(finalizers):
        return turn
    left = [Removal(key, live) for key, live in turn.seen.live.items() if _goes(turn, live)]
    if not left:
        kept = [name for name in finalizers if name not in FINALIZERS]
        metadata = {"finalizers": kept or None, "resourceVersion": turn.application.version}
        return turn.doing(Report({"metadata": metadata}))
    highest = max(wave_of(removal.live) for removal in left)
    due = [removal for removal in left if wave_of(removal.live) == highest]
    standing = tuple(removal for removal in due if not metadata_of(removal.live).get("deletionTimestamp"))
    propagation = "Background" if BACKGROUND in finalizers else "Foreground"
    return turn.doing(Delete(turn.state.fence, standing, propagation)) if standing else turn


def _finalizers(turn: Turn) -> tuple[str, ...]:
    return tuple(map(str, metadata_of(turn.application.manifest).get("finalizers") or ()))


def _problems(turn: Turn, finalizers: tuple[str, ...]) -> Iterator[str]:
    """Yield what the deletion asks for and this part cannot do yet. Argo CD's finalizers are for us to take out, or nobody."""
    for name in finalizers:
        if name.partition("/")[0].endswith(ARGO) and name not in FINALIZERS:
            yield f"finalizer {name} is not supported yet"
    if not FINALIZERS.intersection(finalizers):
        return
    if CONFIRM_DELETE in turn.application.policy.options:
        yield f"sync option {CONFIRM_DELETE} is not supported yet"
    for key, live in sorted(turn.seen.live.items()):
        if _goes(turn, live) and CONFIRM_DELETE in options_of(live) and not metadata_of(live).get("deletionTimestamp"):
            yield f"{key.kind} {key.name}: sync option {CONFIRM_DELETE} is not supported yet"


def _held(turn: Turn, message: str) -> Turn:
    """Say once, and show, why the application cannot go."""
    if not turn.has_told("waiting", message):
        event = SyncWaiting(object=turn.application.ref, reason=Reason.FEATURE_UNSUPPORTED, detail=message)
        turn = turn.noting("waiting", message).telling(event, f"held {turn.application.version}")
    listed = conditions.with_deletion_error(turn, message)
    has_reported = any(isinstance(outcome, Reported) for outcome in turn.outcomes)
    if has_reported or listed == turn.application.status.get("conditions"):
        return turn
    return turn.doing(Report({"status": {"conditions": listed}}))


def _goes(turn: Turn, live: JsonObject) -> bool:
    if (
        owner_of(live) != turn.application.tracking_name
        or NO_DELETE in options_of(live) | turn.application.policy.options
    ):
        return False
    return annotations_of(live).get(HELM_POLICY) != "keep"
