"""Pod."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wavegate.manifests.health.verdict import (
    Health,
    condition,
    degraded,
    healthy,
    number,
    part,
    progressing,
    text,
    unknown,
)

IGNORE_RESTART_POLICY = "argocd.argoproj.io/ignore-restart-policy"


def pod(obj: Mapping[str, Any]) -> Health:
    """Judge a Pod. A Pod that ends by itself is a task: running, it is under way, and waiting reasons do not fail it."""
    status = part(obj, "status")
    message = text(status, "message")
    long_running = text(part(obj, "spec"), "restartPolicy") == "Always"
    if long_running and (reasons := _waiting_in_vain(status)):
        return degraded(", ".join(reasons))
    match text(status, "phase"):
        case "Pending":
            return progressing(message)
        case "Succeeded":
            return healthy(message)
        case "Failed":
            return degraded(message or _failure(status))
        case "Running":
            stays = long_running or part(obj, "metadata", "annotations").get(IGNORE_RESTART_POLICY) == "true"
            return _running(obj, message) if stays else progressing(message)
        case _:
            return unknown(message)


def _running(obj: Mapping[str, Any], message: str) -> Health:
    if text(condition(obj, "Ready"), "status") == "True":
        return healthy(message)
    restarted = any(part(each, "lastState", "terminated") for each in _containers(part(obj, "status")))
    return degraded(message) if restarted else progressing(message)


def _containers(status: Mapping[str, Any], *fields: str) -> list[Mapping[str, Any]]:
    return [
        each
        for field in fields or ("containerStatuses",)
        for each in status.get(field) or ()
        if isinstance(each, Mapping)
    ]


def _waiting_in_vain(status: Mapping[str, Any]) -> list[str]:
    found = []
    for container in _containers(status):
        waiting = part(container, "state", "waiting")
        reason = text(waiting, "reason")
        if reason.startswith("Err") or reason.endswith(("Error", "BackOff")):
            found.append(text(waiting, "message"))
    return found


def _failure(status: Mapping[str, Any]) -> str:
    for container in _containers(status, "initContainerStatuses", "containerStatuses"):
        ended = part(container, "state", "terminated")
        if message := text(ended, "message"):
            return message
        if text(ended, "reason") == "OOMKilled":
            return "OOMKilled"
        if code := number(ended, "exitCode"):
            return f'container "{text(container, "name")}" failed with exit code {code}'
    return ""
