"""A rendered message, as the ledger keeps it until it is delivered: bounded, and free of the configured secrets."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import Field

from wavegate.contracts.failures import Rejected
from wavegate.contracts.identity import canonical_json, digest
from wavegate.contracts.model import Contract
from wavegate.contracts.reasons import Reason
from wavegate.notifier.domain import templates

MAX_BYTES = 16 << 10
"""Of one message as JSON: several of them lie in one Kubernetes object until they are delivered."""

MAX_TEXT = 8_000
"""Characters of the message text; what is longer is cut."""

_SHORTEST_SECRET = 6
_MOST_PARTS = {"attachments": 100, "blocks": 50}


class Message(Contract):
    """What one service is told: the text, and the fields of its own section (`templates.SECTIONS`), as rendered."""

    text: str = ""
    fields: dict[str, str] = Field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the message."""
        return digest(self.to_json())

    @property
    def headline(self) -> str:
        """Return what a person reads first: the text, or the title of an incident."""
        return self.text or self.fields.get("summary", "") or self.fields.get("title", "")


def compose(
    chosen: Sequence[templates.Template], service_type: str, rendered: Mapping[str, str], secrets: Iterable[bytes]
) -> Message:
    """Make one message of rendered templates.

    Raises:
        Rejected: `TemplateFailed`: too large, or holding a value of the Secret (a message is recorded, a secret must not
            be), or not what its service reads; `FeatureUnsupported`: a delivery policy that changes earlier messages.
    """
    text, fields = templates.merge(chosen, service_type, rendered)
    message = Message(text=_cut(text), fields=fields)
    _refuse_unsupported(service_type, chosen, message)
    content = canonical_json(message.to_json())
    if len(content) > MAX_BYTES:
        raise Rejected(Reason.TEMPLATE_FAILED, f"the message has {len(content)} bytes; {MAX_BYTES} at most")
    spoken = "\n".join((text, *fields.values()))
    if any(_holds(spoken, secret) for secret in secrets):
        raise Rejected(Reason.TEMPLATE_FAILED, "the message holds a value of the notifications Secret")
    return message


def parts(message: Message, name: str) -> list[Any]:
    """Return a Slack message's `attachments` or `blocks`: a JSON list, empty where there is none.

    Raises:
        Rejected: `TemplateFailed`: the template did not give a JSON list, or one longer than Slack takes.
    """
    try:
        found = json.loads(message.fields.get(name) or "[]")
    except ValueError as error:
        raise Rejected(Reason.TEMPLATE_FAILED, f"slack {name}: not JSON: {error}") from error
    if not isinstance(found, list):
        raise Rejected(Reason.TEMPLATE_FAILED, f"slack {name}: not a JSON list")
    if len(found) > _MOST_PARTS[name]:
        raise Rejected(Reason.TEMPLATE_FAILED, f"slack {name}: {len(found)}, {_MOST_PARTS[name]} at most")
    return found


def _refuse_unsupported(service_type: str, chosen: Sequence[templates.Template], message: Message) -> None:
    for name in _MOST_PARTS if service_type == "slack" else ():
        parts(message, name)
    policy = message.fields.get("deliveryPolicy", "Post")
    if policy != "Post":
        raise Rejected(Reason.FEATURE_UNSUPPORTED, f"slack deliveryPolicy {policy!r} is not supported; Post is")
    if service_type != "slack" and not templates.has_section(chosen, service_type):
        raise Rejected(Reason.TEMPLATE_FAILED, f"no template of this trigger has a {service_type} section")


def _holds(spoken: str, secret: bytes) -> bool:
    value = secret.decode("utf-8", errors="replace").strip()
    return len(value) >= _SHORTEST_SECRET and value in spoken


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
