"""KServe InferenceService, in any of its deployment modes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wavegate.manifests.health.standard import behind
from wavegate.manifests.health.verdict import (
    Health,
    condition,
    conditions,
    degraded,
    healthy,
    part,
    progressing,
    suspended,
    text,
)

WAITING = "Waiting for status update."


def inference_service(obj: Mapping[str, Any]) -> Health:
    """Judge an InferenceService: any False condition degrades it, any Unknown one means it is under way.

    `Stopped` says False of a service that serves, so it counts only when True.
    """
    if not part(obj, "status").get("conditions") or behind(obj):
        return progressing(WAITING)
    if text(condition(obj, "Stopped"), "status") == "True":
        return suspended("Inference Service is stopped.")
    told = [each for each in conditions(obj) if text(each, "type") != "Stopped" and text(each, "severity") != "Info"]
    open_ = [each for each in told if text(each, "status") in {"False", "Unknown"}]
    message = "\n".join(map(_sentence, open_))
    if any(text(each, "status") == "False" for each in open_):
        return degraded(message)
    if open_ or text(condition(obj, "Ready"), "status") != "True":
        return progressing(message or WAITING)
    return healthy("Inference Service is healthy.")


def _sentence(each: Mapping[str, Any]) -> str:
    reason, message = text(each, "reason"), text(each, "message")
    since = f", since {reason}." if reason else ""
    return f"{text(each, 'type')} is {text(each, 'status')}{since}{f' {message}' if message else ''}"
