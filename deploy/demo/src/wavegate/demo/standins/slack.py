"""Slack's Web API as far as a notifier uses it: the same checks, in the same order, with the same words.

As with Slack itself a refused message is HTTP 200 with `ok: false` and an error from a fixed vocabulary
(api.slack.com/methods/chat.postMessage#errors).
"""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from wavegate.contracts.identity import digest
from wavegate.demo.standins.answers import Answered, Asked

METHOD = "/api/chat.postMessage"
MAX_ATTACHMENTS = 100
MAX_TEXT = 40_000
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"


def answer(asked: Asked, token: str, channels: Collection[str], now: datetime) -> Answered:
    """Answer a request as Slack would; `token` is the only one that is known, `channels` those that the bot is in."""
    if asked.method != "POST" or asked.path != METHOD:
        return _refused("unknown_method")
    fields = _fields(asked)
    if fields is None:
        return _refused("invalid_form_data" if asked.content_type == _FORM else "invalid_json")
    given = asked.bearer or (str(fields.get("token", "")) if asked.content_type == _FORM else "")
    if error := _authentication_error(given, token) or _message_error(fields, channels):
        return _refused(error)
    return _posted(fields, now)


def _fields(asked: Asked) -> dict[str, Any] | None:
    if asked.content_type == _JSON:
        return asked.json_object()
    if asked.content_type != _FORM:
        return None
    try:
        pairs = parse_qs(asked.body.decode(), strict_parsing=bool(asked.body), max_num_fields=200)
        fields: dict[str, Any] = {name: values[-1] for name, values in pairs.items()}
        for name in {"attachments", "blocks"} & fields.keys():
            fields[name] = json.loads(fields[name])
    except ValueError:
        return None
    return fields


def _authentication_error(given: str, token: str) -> str:
    if not given:
        return "not_authed"
    return "" if given == token else "invalid_auth"


def _message_error(fields: dict[str, Any], channels: Collection[str]) -> str:
    attachments, blocks = fields.get("attachments") or [], fields.get("blocks") or []
    if str(fields.get("channel", "")).removeprefix("#") not in channels:
        return "channel_not_found"
    if not isinstance(attachments, list) or not isinstance(blocks, list):
        return "invalid_arguments"
    if not (fields.get("text") or attachments or blocks):
        return "no_text"
    if len(attachments) > MAX_ATTACHMENTS:
        return "too_many_attachments"
    return "msg_too_long" if len(str(fields.get("text", ""))) > MAX_TEXT else ""


def _posted(fields: dict[str, Any], now: datetime) -> Answered:
    name = str(fields["channel"]).removeprefix("#")
    # Slack answers with the channel's id, whatever it was called by.
    channel = f"C{digest(name)[:10].upper()}"
    stamp = f"{now.timestamp():.6f}"
    message = {
        "type": "message",
        "text": str(fields.get("text", "")),
        "attachments": fields.get("attachments") or [],
        "ts": stamp,
    }
    return Answered(
        200,
        {"ok": True, "channel": channel, "ts": stamp, "message": message},
        accepted={"channel": name, "receipt": f"{channel}:{stamp}", **message},
    )


def _refused(error: str) -> Answered:
    return Answered(200, {"ok": False, "error": error})
