"""Events of an operation, with what makes each occurrence unique: intent number, attempt, and what it speaks of."""

from __future__ import annotations

from wavegate.contracts.references import ResourceRef
from wavegate.manifests.identity import JsonObject, ObjectKey, version_of
from wavegate.manifests.masking import masked_text
from wavegate.syncer.domain.state import Intent, Operation
from wavegate.syncer.domain.wanted import Wanted

DETAIL_LIMIT = 4096


def occurrence(operation: Operation, what: str) -> str:
    """Return what makes an event of an operation unique."""
    healing = f" heal {operation.heal}" if operation.heal is not None else ""
    return f"intent {operation.intent}{healing} attempt {operation.attempt}: {what}"


def commits_and_intent(intent: Intent) -> dict[str, object]:
    """Return the fields that every event of an intent carries."""
    return {"commits": intent.commits, "intent": intent.number}


def resource(key: ObjectKey, obj: JsonObject | None) -> ResourceRef:
    """Return how events name an object."""
    version = version_of(str((obj or {}).get("apiVersion") or ""))
    return ResourceRef(group=key.group, version=version, kind=key.kind, namespace=key.namespace, name=key.name)


def safe(text: str, wanted: Wanted) -> str:
    """Return a text fit to be shown: bounded, and free of the values of the bundle's Secrets."""
    return masked_text(text, wanted.objects.values())[:DETAIL_LIMIT]
