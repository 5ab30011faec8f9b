"""`status.operationState`: what is or was done last, in Argo CD's shape (argocd.md §2.8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from wavegate.manifests.identity import JsonObject, ObjectKey
from wavegate.syncer.domain import ending, images, retrying
from wavegate.syncer.domain.ending import timestamp
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.state import Intent, ObjectResult, Operation, Verdict
from wavegate.syncer.domain.wanted import Wanted


def computed(turn: Turn) -> dict[str, Any] | None:
    """Return the operation state, None before the first operation."""
    operation, intent = turn.state.operation, turn.state.intent
    if operation is None:
        return None
    retry_at = retrying.retry_at(turn, operation)
    state: dict[str, Any] = {
        "operation": _operation(turn, operation, intent),
        "phase": str(Verdict.RUNNING if retry_at else operation.verdict),
        "message": _message(operation, retry_at),
        "startedAt": timestamp(operation.started_at),
        "finishedAt": timestamp(operation.finished_at) if operation.finished_at else None,
        "retryCount": operation.attempt,
        "syncResult": _sync_result(turn, operation, intent) if intent else None,
    }
    return {name: value for name, value in state.items() if value not in (None, "", 0)}


def _message(operation: Operation, retry_at: datetime | None) -> str:
    if retry_at is not None:
        at = retry_at.strftime("%I:%M%p").lstrip("0")
        return f"{operation.message}. Retrying attempt #{operation.attempt + 1} at {at}."
    if operation.attempt and not operation.is_running:
        return f"{operation.message} (retried {operation.attempt} times)."
    return operation.message


def _operation(turn: Turn, operation: Operation, intent: Intent | None) -> dict[str, Any]:
    if operation.request:
        return dict(operation.request)
    policy = turn.application.policy
    sync: dict[str, Any] = {"prune": True} if operation.prune else {}
    sync.update({name: value for name, value in _revisions(turn, intent).items() if name.startswith("revision")})
    if policy.options:
        sync["syncOptions"] = sorted(policy.options)
    if operation.only is not None:
        sync["resources"] = [_chosen(ObjectKey.parse(text)) for text in operation.only]
    if operation.heal is not None:
        sync["autoHealAttemptsCount"] = turn.state.healing.attempts
    return {"sync": sync, "initiatedBy": {"automated": True}, "retry": _retry(turn)}


def _chosen(key: ObjectKey) -> dict[str, str]:
    """The namespace is left out, as Argo CD does when it heals."""
    named = {"group": key.group, "kind": key.kind, "name": key.name}
    return {name: value for name, value in named.items() if value}


def _retry(turn: Turn) -> dict[str, Any]:
    block = turn.application.spec.get("syncPolicy", {}).get("retry")
    return dict(block) if isinstance(block, dict) else {"limit": 5}


def _revisions(turn: Turn, intent: Intent | None) -> dict[str, Any]:
    found = ending.revisions(turn, intent) if intent is not None else {}
    return {name: value for name, value in found.items() if value}


def _sync_result(turn: Turn, operation: Operation, intent: Intent) -> dict[str, Any]:
    bundle = turn.bundle(intent.bundle.digest)
    objects = bundle.objects if isinstance(bundle, Wanted) else {}
    place = {key: number for number, key in enumerate(objects)}
    listed = sorted(
        ((ObjectKey.parse(text), each) for text, each in operation.results.items()),
        key=lambda item: (place.get(item[0], len(place)), item[0]),
    )
    resources = [_result(key, each, objects.get(key)) for key, each in listed]
    result = {**ending.revisions(turn, intent), "resources": resources}
    return {name: value for name, value in result.items() if value not in (None, [])}


def _result(key: ObjectKey, result: ObjectResult, wanted: JsonObject | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "group": key.group,
        "version": result.version,
        "kind": key.kind,
        "namespace": key.namespace,
        "name": key.name,
        "status": result.status,
        "message": result.message,
        "hookPhase": result.hook_phase,
        "syncPhase": "Sync",
    }
    found = list(dict.fromkeys(images.images(wanted)))
    return {**entry, "images": found} if found else entry
