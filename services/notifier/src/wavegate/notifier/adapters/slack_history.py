"""Looking a message up in Slack by the id that it carries."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Any
from urllib.parse import urlencode

from wavegate.egress import EgressGate, EgressResponse
from wavegate.notifier.adapters import answers
from wavegate.notifier.domain.observation import Accepted, Delivery, Postponed

EVENT_TYPE = "wavegate_notification"
PAGES = 10
SKEW = timedelta(minutes=5)
"""How far Slack's clock may be from ours."""


class Hidden(Enum):
    """Slack does not let us look: the token lacks a scope, or the channel is not ours to read."""

    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Api:
    """The Web API under one token."""

    gate: EgressGate
    url: str
    token: str = field(repr=False)

    async def call(self, method: str, form: bytes) -> EgressResponse:
        """Call a method with a form."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        }
        return await self.gate.request("POST", f"{self.url.rstrip('/')}/{method}", headers=headers, content=form)


def said(response: EgressResponse) -> dict[str, Any]:
    """Return the answer's JSON object; anything else says nothing."""
    try:
        found = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


async def find(api: Api, delivery: Delivery, channel: str) -> Accepted | Postponed | Hidden | None:
    """Return the message if it is there, None if it is not, `Hidden` if nobody can tell, `Postponed` to ask later.

    Raises:
        RetryLater, Rejected: The gate could not complete a request.
    """
    identity = channel or await _channel_id(api, delivery)
    if isinstance(identity, Postponed | Hidden):
        return identity
    oldest = f"{(delivery.since - SKEW).timestamp():.6f}"
    asked = {"channel": identity, "include_all_metadata": "true", "limit": "200", "oldest": oldest}
    method, thread = "conversations.history", delivery.thread.partition(":")[2]
    if thread:
        method, asked = "conversations.replies", asked | {"ts": thread}
    for _ in range(PAGES):
        page = await _page(api, method, asked, delivery.entry)
        if isinstance(page, Postponed | Hidden):
            return page
        for message in _ours(page):
            if (message["metadata"].get("event_payload") or {}).get("id") == delivery.entry:
                return Accepted(delivery.entry, f"{identity}:{message.get('ts', '')}")
        if not (cursor := _cursor(page)):
            return None
        asked = asked | {"cursor": cursor}
    return Hidden.HIDDEN


async def _channel_id(api: Api, delivery: Delivery) -> str | Postponed | Hidden:
    name = delivery.destination.recipient.removeprefix("#")
    asked = {"types": "public_channel,private_channel", "exclude_archived": "true", "limit": "1000"}
    for _ in range(PAGES):
        page = await _page(api, "conversations.list", asked, delivery.entry)
        if isinstance(page, Postponed | Hidden):
            return page
        for channel in page.get("channels") or ():
            if name in {channel.get("name"), channel.get("id")}:
                return str(channel["id"])
        if not (cursor := _cursor(page)):
            break
        asked = asked | {"cursor": cursor}
    return Hidden.HIDDEN


async def _page(api: Api, method: str, asked: dict[str, str], entry: str) -> dict[str, Any] | Postponed | Hidden:
    response = await api.call(method, urlencode(asked).encode())
    if later := answers.busy(entry, response):
        return later
    page = said(response)
    return page if page.get("ok") is True else Hidden.HIDDEN


def _ours(page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for message in page.get("messages") or ():
        if isinstance(message, dict) and (message.get("metadata") or {}).get("event_type") == EVENT_TYPE:
            yield message


def _cursor(page: dict[str, Any]) -> str:
    return str((page.get("response_metadata") or {}).get("next_cursor") or "")
