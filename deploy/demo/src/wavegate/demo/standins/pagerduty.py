"""PagerDuty's Events API v2 as far as a notifier uses it: the same checks, 202 or 400 with the same shape of errors.

Events of one deduplication key are one incident.
"""

from collections.abc import Collection
from typing import Any

from wavegate.contracts.identity import digest
from wavegate.demo.standins.answers import Answered, Asked

PATH = "/v2/enqueue"
ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")
MAX_SUMMARY = 1024
MAX_DEDUP_KEY = 255
MAX_BYTES = 512 * 1024


def answer(asked: Asked, routing_keys: Collection[str]) -> Answered:
    """Answer a request as PagerDuty would; `routing_keys` are those of the integrations that exist."""
    if asked.path != PATH:
        return Answered(404, {"status": "not found", "message": "Not Found"})
    if asked.method != "POST":
        return Answered(405, {"status": "method not allowed", "message": "Method Not Allowed"})
    if len(asked.body) > MAX_BYTES:
        return Answered(413, {"status": "invalid event", "message": "Payload too large"})
    event = asked.json_object()
    if event is None:
        return _invalid(["JSON cannot be parsed"])
    if errors := [*_envelope_errors(event, routing_keys), *_payload_errors(event)]:
        return _invalid(errors)
    return _processed(event)


def _envelope_errors(event: dict[str, Any], routing_keys: Collection[str]) -> list[str]:
    errors = []
    action, key, dedup = event.get("event_action"), event.get("routing_key"), event.get("dedup_key")
    if not isinstance(key, str) or key not in routing_keys:
        errors.append("'routing_key' is missing or blank" if not key else "Invalid routing key")
    if action not in ACTIONS:
        errors.append("'event_action' must be one of trigger, acknowledge, resolve")
    if dedup is not None and (not isinstance(dedup, str) or len(dedup) > MAX_DEDUP_KEY):
        errors.append(f"'dedup_key' is longer than {MAX_DEDUP_KEY} characters")
    if action in ("acknowledge", "resolve") and not dedup:
        errors.append("'dedup_key' is missing or blank")
    return errors


def _payload_errors(event: dict[str, Any]) -> list[str]:
    if event.get("event_action") != "trigger":
        return []
    payload = event.get("payload")
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    errors = [f"'payload.{name}' is missing or blank" for name in ("summary", "source") if not payload.get(name)]
    if len(str(payload.get("summary", ""))) > MAX_SUMMARY:
        errors.append(f"'payload.summary' is longer than {MAX_SUMMARY} characters")
    if payload.get("severity") not in SEVERITIES:
        errors.append("'payload.severity' must be one of critical, error, warning, info")
    return errors


def _processed(event: dict[str, Any]) -> Answered:
    payload = event.get("payload") or {}
    dedup = event.get("dedup_key") or digest(payload)[:32]
    return Answered(
        202,
        {"status": "success", "message": "Event processed", "dedup_key": dedup},
        accepted={
            "action": event["event_action"],
            "receipt": dedup,
            "summary": payload.get("summary", ""),
            "severity": payload.get("severity", ""),
            "source": payload.get("source", ""),
        },
    )


def _invalid(errors: list[str]) -> Answered:
    return Answered(400, {"status": "invalid event", "message": "Event object is invalid", "errors": errors})
