"""PagerDuty over real HTTP: events and incidents, their answers, and one alert for one message."""

import sys
from pathlib import Path
from typing import Any

import pytest

from wavegate.contracts.reasons import Reason
from wavegate.egress import AddressPolicy, EgressGate, EgressLimits
from wavegate.notifier.adapters.pagerduty_events import PagerDutyEvents
from wavegate.notifier.adapters.pagerduty_incidents import PagerDutyIncidents
from wavegate.notifier.domain.configuration import Service
from wavegate.notifier.domain.observation import Accepted, Delivery, Postponed, Refused

sys.path.insert(0, str(Path(__file__).parent))
from deliveries import ENTRY, delivery
from receivers import Answer, FakePagerDuty, serving

EVENT = {"summary": "down", "severity": "critical", "source": "fraud", "component": "c", "url": "https://x.example/"}


@pytest.fixture
async def gate() -> Any:
    async with EgressGate(AddressPolicy(allow_loopback=True), EgressLimits(seconds=2)) as opened:
        yield opened


def events(address: str, key: str = "key-1") -> Service:
    return Service("pagerdutyv2", "pagerdutyv2", {"serviceKeys": {"ops": key}, "apiURL": address})


def event(**more: Any) -> Delivery:
    return delivery("pagerdutyv2", "ops", fields=EVENT | more.pop("fields", {}), **more)


def incidents(address: str, token: str = "token-1") -> Service:
    return Service("pagerduty", "pagerduty", {"token": token, "from": "ops@example.com", "apiURL": address})


@pytest.mark.shows(
    "Notifications by PagerDuty, Events v2 and REST", "works", "as in Argo, nothing resolves an incident"
)
async def test_an_event_is_sent_as_pagerduty_reads_it(gate: EgressGate) -> None:
    fake = FakePagerDuty()
    async with serving(fake) as address:
        outcome = await PagerDutyEvents(gate).deliver(events(address), event())
    assert outcome == Accepted(ENTRY, ENTRY)
    assert fake.alerts[ENTRY] == [
        {
            "routing_key": "key-1",
            "event_action": "trigger",
            "dedup_key": ENTRY,
            "client": "Wavegate",
            "client_url": "https://x.example/",
            "payload": {"summary": "down", "severity": "critical", "source": "fraud", "component": "c"},
        }
    ]


async def test_a_repeated_event_is_the_same_alert_and_a_templates_own_key_counts(gate: EgressGate) -> None:
    fake = FakePagerDuty(faults=[Answer(cut=True)])
    async with serving(fake) as address:
        cut = await PagerDutyEvents(gate).deliver(events(address), event(fields={"dedupKey": "fraud-r1"}))
        assert isinstance(cut, Postponed)
        assert cut.doubt
        await PagerDutyEvents(gate).deliver(events(address), event(fields={"dedupKey": "fraud-r1"}, doubt=True))
    assert {key: len(sent) for key, sent in fake.alerts.items()} == {"fraud-r1": 2}


async def test_a_refused_event_is_named_without_its_key(gate: EgressGate) -> None:
    async with serving(FakePagerDuty()) as address:
        outcome = await PagerDutyEvents(gate).deliver(events(address, "secret-key"), event())
    assert isinstance(outcome, Refused)
    assert "Event object is invalid" in outcome.detail
    assert "secret-key" not in outcome.detail


async def test_a_recipient_without_a_key_is_named(gate: EgressGate) -> None:
    outcome = await PagerDutyEvents(gate).deliver(events("http://127.0.0.1:1", "$missing"), event())
    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.SERVICE_NOT_CONFIGURED


@pytest.mark.parametrize(("status", "doubt"), [(429, False), (500, True)])
async def test_an_overloaded_pagerduty_is_tried_later(gate: EgressGate, *, status: int, doubt: bool) -> None:
    async with serving(FakePagerDuty(faults=[Answer(status)])) as address:
        outcome = await PagerDutyEvents(gate).deliver(events(address), event())
    assert isinstance(outcome, Postponed)
    assert outcome.doubt is doubt


async def test_an_incident_is_created_once(gate: EgressGate) -> None:
    fake = FakePagerDuty(faults=[Answer(cut=True)])
    made = delivery("pagerduty", "PSERVICE", fields={"title": "down", "body": "why", "urgency": "high"})
    async with serving(fake) as address:
        assert isinstance(await PagerDutyIncidents(gate).deliver(incidents(address), made), Postponed)
        assert await PagerDutyIncidents(gate).deliver(incidents(address), made) == Accepted(ENTRY)
    assert fake.incidents == {
        ENTRY: {
            "type": "incident",
            "title": "down",
            "service": {"id": "PSERVICE", "type": "service_reference"},
            "incident_key": ENTRY,
            "urgency": "high",
            "body": {"type": "incident_body", "details": "why"},
        }
    }


async def test_an_incident_with_a_wrong_token_is_refused_by_name(gate: EgressGate) -> None:
    made = delivery("pagerduty", "PSERVICE", fields={"title": "down", "priorityID": "P1"})
    async with serving(FakePagerDuty()) as address:
        outcome = await PagerDutyIncidents(gate).deliver(incidents(address, "wrong-token"), made)
    assert isinstance(outcome, Refused)
    assert "HTTP 401" in outcome.detail
    assert "wrong-token" not in outcome.detail


async def test_an_incident_with_its_priority_gets_its_id(gate: EgressGate) -> None:
    fake = FakePagerDuty()
    made = delivery("pagerduty", "PSERVICE", fields={"title": "down", "priorityID": "P1"})
    async with serving(fake) as address:
        assert await PagerDutyIncidents(gate).deliver(incidents(address), made) == Accepted(ENTRY, "P1")
    assert fake.incidents[ENTRY]["priority"] == {"id": "P1", "type": "priority_reference"}
