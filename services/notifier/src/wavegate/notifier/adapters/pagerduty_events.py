"""PagerDuty's Events API v2 (service type `pagerdutyv2`): one event opens an incident, its `dedup_key` says which."""

import json

from wavegate.contracts.failures import Failure
from wavegate.egress import EgressGate
from wavegate.notifier.adapters import answers
from wavegate.notifier.domain.configuration import Service
from wavegate.notifier.domain.observation import Accepted, Delivery, Outcome
from wavegate.notifier.domain.plain_values import mapping, text

API = "https://events.pagerduty.com"
MAX_SUMMARY = 1024
MAX_DEDUP_KEY = 255


class PagerDutyEvents:
    """Triggers alerts."""

    def __init__(self, gate: EgressGate) -> None:
        self._gate = gate

    async def deliver(self, service: Service, delivery: Delivery) -> Outcome:
        """Send an event; sending it again is the same alert."""
        recipient = delivery.destination.recipient
        key = text(mapping(service.options.get("serviceKeys"), "serviceKeys").get(recipient), "serviceKeys")
        if not key or key.startswith("$"):
            return answers.unusable(delivery.entry, f"service {service.name}: no key for recipient {recipient!r}")
        api = text(service.options.get("apiURL"), "apiURL") or API
        event = _event(key, delivery)
        try:
            response = await self._gate.request(
                "POST",
                f"{api.rstrip('/')}/v2/enqueue",
                headers={"Content-Type": "application/json"},
                content=json.dumps(event),
            )
        except Failure as failure:
            return answers.not_reached(delivery.entry, failure)
        if later := answers.busy(delivery.entry, response):
            return later
        if response.status != 202:
            return answers.refused(delivery.entry, f"pagerduty: HTTP {response.status}: {response.text}", (key,))
        return Accepted(delivery.entry, _dedup_key(delivery))


def _event(routing_key: str, delivery: Delivery) -> dict[str, object]:
    fields = delivery.message.fields
    optional = {name: fields[name] for name in ("component", "group", "class") if fields.get(name)}
    event: dict[str, object] = {
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": _dedup_key(delivery),
        "client": "Wavegate",
        "payload": {
            "summary": fields.get("summary", "")[:MAX_SUMMARY],
            "severity": fields.get("severity", ""),
            "source": fields.get("source", ""),
            **optional,
        },
    }
    return event | ({"client_url": fields["url"]} if fields.get("url") else {})


def _dedup_key(delivery: Delivery) -> str:
    return (delivery.message.fields.get("dedupKey") or delivery.entry)[:MAX_DEDUP_KEY]
