"""Reads the `Status` documents in which the API server refuses, and keeps Secrets out of what is passed on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from wavegate.kube.errors import Refusal
from wavegate.manifests import masking

LONGEST_MESSAGE = 4096
_UNTYPED_PATCH = "failed to create typed patch object"
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`')
_INVALID_VALUE = re.compile(r"(Invalid value: )\S+")


def refusal_of(status: int, body: bytes, retry_after: str | None, asked: str) -> Refusal:
    """Read a negative answer. `asked` says what was asked and heads the message."""
    document = _document(body)
    message = str(document.get("message") or body[:LONGEST_MESSAGE].decode(errors="replace")).strip()
    return Refusal(
        status=int(document.get("code") or status),
        reason=_reason(document, message),
        message=f"{asked}: {message[:LONGEST_MESSAGE] or f'HTTP {status}'}",
        retry_after=_seconds(retry_after, document),
    )


def _reason(document: Mapping[str, Any], message: str) -> str:
    """The server's reason. A field that server-side apply does not know comes as an internal error (500); it is not one."""
    return "Invalid" if message.startswith(_UNTYPED_PATCH) else str(document.get("reason") or "")


def names_an_object(body: bytes) -> bool:
    """Whether a 404 speaks of one object; otherwise the path itself, so the kind, is not served."""
    return bool(_details(_document(body)).get("name"))


def without_secret(refusal: Refusal, secret: Mapping[str, Any] | None) -> Refusal:
    """Strike every value out of what the API server said about a Secret.

    Values are struck where they appear as sent, and everything quoted or called an invalid value goes as well: the server
    quotes what it refused, and a merge patch does not say which parts are values.
    """
    asked, _, said = refusal.message.partition(": ")
    if secret is not None:
        said = masking.masked_text(said, [{**secret, "apiVersion": "v1", "kind": "Secret"}])
    said = _INVALID_VALUE.sub(rf"\1{masking.MASK}", _QUOTED.sub(f'"{masking.MASK}"', said))
    return Refusal(refusal.status, refusal.reason, f"{asked}: {said}", refusal.retry_after)


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) and document.get("kind") == "Status" else {}


def _details(document: Mapping[str, Any]) -> Mapping[str, Any]:
    details = document.get("details")
    return details if isinstance(details, dict) else {}


def _seconds(header: str | None, document: Mapping[str, Any]) -> float | None:
    given = header if header is not None else _details(document).get("retryAfterSeconds")
    text = str(given or "")
    return float(text) if text.isdecimal() else None
