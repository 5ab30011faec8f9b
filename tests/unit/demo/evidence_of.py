"""Evidence to look at, made by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

from wavegate.demo.story.evidence import AuditEntry, Live, ObjectName, Received, SeenEvent

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SHA = "a" * 40


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def event(name: str, seconds: float = 0, *, sha: str = SHA, id_: str = "", cause: str = "", **data: Any) -> SeenEvent:
    commits = [{"sha": sha, "seq": 1, "ref": "main", "repository": "r"}] if sha else []
    return SeenEvent(name, id_ or f"{name}-{seconds}", at(seconds), {"commits": commits, **data}, cause)


def live(kind: str, name: str, namespace: str = "fraud", seconds: float = 0, **parts: Any) -> dict[ObjectName, Live]:
    return {ObjectName(kind, namespace, name): Live(at(seconds), {"kind": kind, **parts})}


def application(
    sha: str = SHA, sync: str = "Synced", health: str = "Healthy", phase: str = "Succeeded"
) -> dict[Any, Any]:
    operation = {"phase": phase, "syncResult": {"revision": sha}}
    status = {"sync": {"status": sync, "revision": sha}, "health": {"status": health}, "operationState": operation}
    return live("Application", "fraud-model", "argocd", status=status)


def routes(canary: int) -> dict[str, Any]:
    route = [
        {"destination": {"host": "model-server-stable"}, "weight": 100 - canary},
        {"destination": {"host": "model-server-canary"}, "weight": canary},
    ]
    return {"http": [{"name": "primary", "route": route}]}


def wrote(user: str, resource: str, name: str, seconds: float = 0, verb: str = "patch", **obj: Any) -> AuditEntry:
    return AuditEntry(at(seconds), user, verb, resource, "fraud", name, object=obj)


def received(receiver: str, seconds: float = 0, **accepted: Any) -> Received:
    return Received(receiver, at(seconds), 200, accepted, {})
