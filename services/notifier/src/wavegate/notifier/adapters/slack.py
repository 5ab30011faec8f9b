"""Slack's Web API: `chat.postMessage` with a bot token.

A message carries the id of its ledger entry as metadata, so that it can be found again: when an attempt ended without an
answer, the channel's history is asked for that id before the message is posted again.
"""

import json
import re
from typing import Any
from urllib.parse import urlencode

from wavegate.contracts.failures import Failure
from wavegate.contracts.reasons import Reason
from wavegate.egress import EgressGate, EgressResponse
from wavegate.notifier.adapters import answers, slack_history
from wavegate.notifier.domain import messages
from wavegate.notifier.domain.configuration import Service
from wavegate.notifier.domain.observation import Accepted, Delivery, Outcome, Postponed
from wavegate.notifier.domain.plain_values import text

API = "https://slack.com/api/"
RESENT = " (resend)"
"""Added to a message that may have arrived before, where Slack does not let us look."""

_EMOJI = re.compile(r"^:.+:$")
_LATER = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "service_unavailable",
        "team_added_to_org",
        "internal_error",
        "fatal_error",
        "request_timeout",
    }
)
_IN_DOUBT = frozenset({"internal_error", "fatal_error", "request_timeout"})


class Slack:
    """Posts messages. `channels` remembers the ids of channels by name, as Slack told them."""

    def __init__(self, gate: EgressGate) -> None:
        self._gate = gate
        self._channels: dict[tuple[str, str], str] = {}

    async def deliver(self, service: Service, delivery: Delivery) -> Outcome:
        """Post a message, unless it is there already."""
        token = text(service.options.get("token"), "service.slack.token")
        if not token or token.startswith("$"):
            return answers.unusable(delivery.entry, f"service {service.name}: token {token or 'is missing'}")
        api = slack_history.Api(self._gate, text(service.options.get("apiURL"), "apiURL") or API, token)
        try:
            resend = False
            if delivery.doubt:
                sought = await slack_history.find(api, delivery, self._channel(service, delivery))
                if isinstance(sought, Accepted | Postponed):
                    return sought
                resend = sought is slack_history.Hidden.HIDDEN
            response = await api.call("chat.postMessage", _form(service, delivery, resend=resend))
        except Failure as failure:
            return answers.not_reached(delivery.entry, failure)
        return self._outcome(service, delivery, response)

    def _channel(self, service: Service, delivery: Delivery) -> str:
        known = self._channels.get((service.name, delivery.destination.recipient), "")
        return known or delivery.thread.partition(":")[0]

    def _outcome(self, service: Service, delivery: Delivery, response: EgressResponse) -> Outcome:
        if later := answers.busy(delivery.entry, response):
            return later
        said = slack_history.said(response)
        if said.get("ok") is True:
            channel = str(said.get("channel", ""))
            self._channels[service.name, delivery.destination.recipient] = channel
            return Accepted(delivery.entry, f"{channel}:{said.get('ts', '')}")
        error = str(said.get("error", f"HTTP {response.status}"))
        if error in _LATER:
            waits = answers.retry_after(response)
            doubt = error in _IN_DOUBT
            return Postponed(delivery.entry, Reason.DESTINATION_UNAVAILABLE, f"slack: {error}", waits, doubt=doubt)
        return answers.refused(delivery.entry, f"slack: {error}")


def _form(service: Service, delivery: Delivery, *, resend: bool) -> bytes:
    message, options = delivery.message, service.options
    mark = {"event_type": slack_history.EVENT_TYPE, "event_payload": {"id": delivery.entry}}
    form: dict[str, Any] = {
        "channel": delivery.destination.recipient,
        "text": message.text + (RESENT if resend else ""),
        "metadata": json.dumps(mark),
        "username": message.fields.get("username") or text(options.get("username"), "username"),
        "thread_ts": delivery.thread.partition(":")[2],
        **_icon(message.fields.get("icon") or text(options.get("icon"), "icon")),
    }
    for name in ("attachments", "blocks"):
        if parts := messages.parts(message, name):
            form[name] = json.dumps(parts)
    if delivery.thread and message.fields.get("notifyBroadcast") == "true":
        form["reply_broadcast"] = "true"
    if options.get("disableUnfurl"):
        form |= {"unfurl_links": "false", "unfurl_media": "false"}
    return urlencode({name: value for name, value in form.items() if value != ""}).encode()


def _icon(icon: str) -> dict[str, str]:
    if _EMOJI.match(icon):
        return {"icon_emoji": icon}
    return {"icon_url": icon} if icon.startswith(("http://", "https://")) else {}
