"""CloudEvents 1.0 in binary mode on NATS: the attributes travel as `ce-*` headers, the data is the body (architecture §9)."""

import json
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from wavegate.contracts.events import Message
from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Hint, OutboxEntry
from wavegate.contracts.register import MESSAGES

MAX_BYTES = 1 << 20


def headers(entry: OutboxEntry, source: str) -> dict[str, str]:
    """Return the headers of a message: its attributes, its trace context, and the id that the bus drops repeats by."""
    result = {
        "ce-specversion": "1.0",
        "ce-id": entry.id,
        "ce-type": entry.type,
        "ce-source": f"/wavegate/{source}",
        "ce-time": entry.time.isoformat(),
        "content-type": "application/json",
        "Nats-Msg-Id": entry.id,
    }
    if entry.cause:
        result["ce-causationid"] = entry.cause
    if entry.traceparent:
        result["traceparent"] = entry.traceparent
    return result


def body(entry: OutboxEntry) -> bytes:
    """Return the JSON body of a message."""
    return json.dumps(entry.data, separators=(",", ":"), ensure_ascii=False).encode()


def message(entry: OutboxEntry) -> Message:
    """Return the event or command that an outbox entry records."""
    return MESSAGES[entry.type].read(entry.data)


def decode(body_: bytes, headers_: dict[str, str]) -> Hint:
    """Read a message as a hint.

    Raises:
        Rejected: MESSAGE_MALFORMED or MESSAGE_UNKNOWN.
    """
    attributes = {name.lower(): value for name, value in headers_.items()}
    type_ = attributes.get("ce-type", "")
    if type_ not in MESSAGES:
        raise Rejected(Reason.MESSAGE_UNKNOWN, f"no message of type {type_[:200]!r} is known here")
    try:
        read = MESSAGES[type_].read(_parsed(body_))
        time = datetime.fromisoformat(attributes["ce-time"]) if "ce-time" in attributes else None
    except (ValidationError, ValueError) as error:
        raise Rejected(Reason.MESSAGE_MALFORMED, f"{type_}: {type(error).__name__}") from error
    return Hint(attributes.get("ce-id", ""), read, attributes.get("traceparent"), time)


def _parsed(body_: bytes) -> Any:
    if len(body_) > MAX_BYTES:
        raise ValueError("larger than 1 MiB")
    return json.loads(body_)
