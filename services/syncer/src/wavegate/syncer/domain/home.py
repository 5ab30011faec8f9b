"""The destination namespace, made before anything else where the application asks for it (`CreateNamespace=true`).

It is not tracked and never touched again; a Namespace among the application's own objects takes its place.
"""

from __future__ import annotations

from wavegate.contracts.reasons import Reason
from wavegate.manifests.identity import INTENT_ANNOTATION, JsonObject, ObjectKey
from wavegate.syncer.domain import ending
from wavegate.syncer.domain.actions import Apply, Unwritten, Write
from wavegate.syncer.domain.applications import Application
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.options import CREATE_NAMESPACE
from wavegate.syncer.domain.wanted import Wanted

NAMESPACE = ("v1", "Namespace")


def home_of(application: Application) -> ObjectKey | None:
    """Return the namespace that a sync may have to make, None when it may not."""
    wanted = CREATE_NAMESPACE in application.policy.options and application.destination.namespace
    return ObjectKey("", "Namespace", "", application.destination.namespace) if wanted else None


def created_first(turn: Turn, wanted: Wanted) -> Turn | None:
    """Return the turn that makes the namespace, or ends because it could not be made; None when it stands."""
    key, intent = home_of(turn.application), turn.state.intent
    if key is None or intent is None or key in wanted.objects or key in turn.seen.live:
        return None
    for outcome in turn.outcomes:
        if isinstance(outcome, Unwritten) and outcome.key == key:
            message = f"the namespace failed to apply, reason: {outcome.refusal.message}"
            return ending.fail(turn, wanted, Reason.APPLY_FAILED, message, key)
    manifest: JsonObject = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": key.name}}
    write = Write(key, manifest, annotations={INTENT_ANNOTATION: str(intent.number)})
    return turn.doing(Apply(intent.number, ((write,),)))
