import json
from typing import Any

import pytest

from wavegate.demo.standins import pagerduty
from wavegate.demo.standins.answers import Answered, Asked

KEY = "0123456789abcdef0123456789abcdef"
PAYLOAD = {"summary": "fraud-model failed", "source": "argocd", "severity": "critical"}
GOOD = {"routing_key": KEY, "event_action": "trigger", "dedup_key": "fraud-1", "payload": PAYLOAD}


def ask(event: Any, path: str = pagerduty.PATH, method: str = "POST") -> Answered:
    return pagerduty.answer(Asked(method, path, {}, json.dumps(event).encode()), (KEY,))


def test_a_trigger_is_processed_under_its_deduplication_key() -> None:
    answered = ask(GOOD)

    assert (answered.status, answered.body["dedup_key"]) == (202, "fraud-1")
    assert answered.accepted is not None
    assert answered.accepted["summary"] == "fraud-model failed"


def test_an_event_without_a_key_is_given_one() -> None:
    answered = ask({name: value for name, value in GOOD.items() if name != "dedup_key"})

    assert answered.status == 202
    assert answered.body["dedup_key"]


@pytest.mark.parametrize(
    ("event", "error"),
    [
        ({**GOOD, "routing_key": ""}, "'routing_key' is missing or blank"),
        ({**GOOD, "routing_key": "f" * 32}, "Invalid routing key"),
        ({**GOOD, "event_action": "open"}, "'event_action' must be one of trigger, acknowledge, resolve"),
        ({**GOOD, "dedup_key": "x" * 256}, "'dedup_key' is longer than 255 characters"),
        ({"routing_key": KEY, "event_action": "resolve"}, "'dedup_key' is missing or blank"),
        ({**GOOD, "payload": None}, "'payload' is missing or blank"),
        ({**GOOD, "payload": {**PAYLOAD, "source": ""}}, "'payload.source' is missing or blank"),
        (
            {**GOOD, "payload": {**PAYLOAD, "severity": "bad"}},
            "'payload.severity' must be one of critical, error, warning, info",
        ),
        ({**GOOD, "payload": {**PAYLOAD, "summary": "x" * 1025}}, "'payload.summary' is longer than 1024 characters"),
    ],
)
def test_an_invalid_event_is_400_with_the_errors(event: dict[str, Any], error: str) -> None:
    answered = ask(event)

    assert (answered.status, answered.body["status"]) == (400, "invalid event")
    assert error in answered.body["errors"]
    assert answered.accepted is None


def test_an_incident_is_resolved_by_its_key() -> None:
    answered = ask({"routing_key": KEY, "event_action": "resolve", "dedup_key": "fraud-1"})

    assert answered.status == 202


@pytest.mark.parametrize(("path", "method", "status"), [("/v1", "POST", 404), (pagerduty.PATH, "GET", 405)])
def test_other_paths_and_methods_are_refused(path: str, method: str, status: int) -> None:
    assert ask(GOOD, path, method).status == status


def test_what_is_no_json_object_is_refused() -> None:
    assert ask(["no object"]).status == 400
