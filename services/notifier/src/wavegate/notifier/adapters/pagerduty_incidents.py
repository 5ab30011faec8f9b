"""PagerDuty's REST API (service type `pagerduty`): creates incidents; the `incident_key` keeps a repetition from a second."""

import json
from typing import Any

from wavegate.contracts.failures import Failure
from wavegate.egress import EgressGate, EgressResponse
from wavegate.notifier.adapters import answers
from wavegate.notifier.domain.configuration import Service
from wavegate.notifier.domain.observation import Accepted, Delivery, Outcome
from wavegate.notifier.domain.plain_values import text

API = "https://api.pagerduty.com"


class PagerDutyIncidents:
    """Creates incidents on the service that the recipient names by id."""

    def __init__(self, gate: EgressGate) -> None:
        self._gate = gate

    async def deliver(self, service: Service, delivery: Delivery) -> Outcome:
        """Create an incident; one that is there already is the same."""
        token = text(service.options.get("token"), "token")
        if not token or token.startswith("$"):
            return answers.unusable(delivery.entry, f"service {service.name}: token {token or 'is missing'}")
        headers = {
            "Authorization": f"Token token={token}",
            "Accept": "application/vnd.pagerduty+json;version=2",
            "Content-Type": "application/json",
            "From": text(service.options.get("from"), "from"),
        }
        api = text(service.options.get("apiURL"), "apiURL") or API
        try:
            response = await self._gate.request(
                "POST", f"{api.rstrip('/')}/incidents", headers=headers, content=json.dumps(_incident(delivery))
            )
        except Failure as failure:
            return answers.not_reached(delivery.entry, failure)
        return _outcome(delivery, response, token)


def _incident(delivery: Delivery) -> dict[str, Any]:
    fields = delivery.message.fields
    incident: dict[str, Any] = {
        "type": "incident",
        "title": fields.get("title", ""),
        "service": {"id": delivery.destination.recipient, "type": "service_reference"},
        "incident_key": delivery.entry,
    }
    if fields.get("urgency"):
        incident["urgency"] = fields["urgency"]
    if fields.get("priorityID"):
        incident["priority"] = {"id": fields["priorityID"], "type": "priority_reference"}
    if fields.get("body"):
        incident["body"] = {"type": "incident_body", "details": fields["body"]}
    return {"incident": incident}


def _outcome(delivery: Delivery, response: EgressResponse, token: str) -> Outcome:
    if later := answers.busy(delivery.entry, response):
        return later
    if response.status == 201:
        return Accepted(delivery.entry, _identity(response))
    # The key is this message's alone: an incident that has it already is this one.
    if response.status == 400 and "already exists" in response.text:
        return Accepted(delivery.entry)
    return answers.refused(delivery.entry, f"pagerduty: HTTP {response.status}: {response.text}", (token,))


def _identity(response: EgressResponse) -> str:
    try:
        return str(response.json()["incident"]["id"])
    except (ValueError, KeyError, TypeError):
        return ""
