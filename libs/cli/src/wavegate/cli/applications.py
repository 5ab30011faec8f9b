"""What `wavegate app` shows of Applications."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from wavegate.cli.showing import Facts, Rows
from wavegate.cli.words import age, at, plain, revision
from wavegate.kube import GroupVersionKind

APPLICATION = GroupVersionKind("argoproj.io", "v1alpha1", "Application")
HISTORY = 5


def listed(applications: Iterable[Mapping[str, Any]], now: datetime) -> Rows:
    """Return one row for each Application."""
    columns = ("NAME", "PROJECT", "SYNC", "HEALTH", "REVISION", "OPERATION", "SINCE")
    ordered = sorted(applications, key=lambda each: each["metadata"]["name"])
    return Rows(columns, [_row(each, now) for each in ordered])


def _row(application: Mapping[str, Any], now: datetime) -> tuple[str, ...]:
    operation = at(application, "status", "operationState") or {}
    return (
        plain(application["metadata"]["name"]),
        plain(at(application, "spec", "project")),
        plain(at(application, "status", "sync", "status")),
        plain(at(application, "status", "health", "status")),
        revision(_revision(application)),
        plain(operation.get("phase")),
        age(operation.get("finishedAt") or operation.get("startedAt"), now),
    )


def _revision(application: Mapping[str, Any]) -> Any:
    sync = at(application, "status", "sync") or {}
    several = sync.get("revisions")
    return sync.get("revision") or (several[0] if several else "")


def facts(application: Mapping[str, Any]) -> Facts:
    """Return where an Application stands, and why."""
    source = _source(application)
    health = at(application, "status", "health") or {}
    operation = at(application, "status", "operationState") or {}
    pairs = [
        ("Application", f"{application['metadata']['namespace']}/{application['metadata']['name']}"),
        ("Project", plain(at(application, "spec", "project"))),
        ("Source", plain(" ".join(str(source.get(part) or "") for part in ("repoURL", "targetRevision", "path")))),
        ("Destination", plain(f"{_server(application)} {at(application, 'spec', 'destination', 'namespace') or ''}")),
        ("Sync", f"{plain(at(application, 'status', 'sync', 'status'))} {plain(_revision(application))}".strip()),
        ("Health", f"{plain(health.get('status'))} {plain(health.get('message'))}".strip()),
        ("Operation", f"{plain(operation.get('phase'))} {plain(operation.get('message'), 1_000)}".strip()),
    ]
    conditions = at(application, "status", "conditions") or ()
    return pairs + [
        ("Condition", f"{plain(one.get('type'))}: {plain(one.get('message'), 1_000)}") for one in conditions
    ]


def _source(application: Mapping[str, Any]) -> Mapping[str, Any]:
    several: Sequence[Mapping[str, Any]] = at(application, "spec", "sources") or ({},)
    return at(application, "spec", "source") or several[0]


def _server(application: Mapping[str, Any]) -> str:
    destination = at(application, "spec", "destination") or {}
    return str(destination.get("server") or destination.get("name") or "")


def resources(application: Mapping[str, Any]) -> Rows:
    """Return the Application's objects, with what the last operation said of each."""
    said = {
        _identity(one): plain(one.get("message"), 120)
        for one in at(application, "status", "operationState", "syncResult", "resources") or ()
    }
    found = at(application, "status", "resources") or ()
    rows = [
        (
            plain(one.get("syncWave") or 0),
            plain(one.get("kind")),
            plain(one.get("namespace")),
            plain(one.get("name")),
            plain(one.get("status")),
            plain(at(one, "health", "status")),
            plain(at(one, "health", "message"), 120) or said.get(_identity(one), ""),
        )
        for one in sorted(found, key=lambda one: int(one.get("syncWave") or 0))
    ]
    return Rows(("WAVE", "KIND", "NAMESPACE", "NAME", "SYNC", "HEALTH", "MESSAGE"), rows)


def _identity(resource: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(resource.get(part) or "" for part in ("group", "kind", "namespace", "name"))


def history(application: Mapping[str, Any], now: datetime) -> Rows:
    """Return the newest deployments, newest first."""
    found = list(at(application, "status", "history") or ())[-HISTORY:]
    rows = [
        (plain(one.get("id")), revision(one.get("revision")), age(one.get("deployedAt"), now))
        for one in reversed(found)
    ]
    return Rows(("HISTORY", "REVISION", "DEPLOYED"), rows)
