"""GitHub's webhook: is it authentic, and where does it say to look (rows S30 to S34 of the security table).

A body is only ever a hint where to look. Its signature is checked over the raw bytes before anything is parsed; what the
repository holds comes from Git itself, and no address in a body is ever called.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wavegate.contracts.identity import normalised_repository

BODY_LIMIT = 1 << 20
"""Bytes."""

_ADDRESSES = ("html_url", "clone_url", "ssh_url", "git_url", "url", "svn_url")
_PREFIX = "sha256="
_ZEROS = "0" * 40


@dataclass(frozen=True, slots=True)
class Push:
    """Somebody pushed. `repositories` are comparable forms of its addresses; `after` is empty for a deleted ref."""

    repositories: frozenset[str]
    ref: str
    after: str
    forced: bool


@dataclass(frozen=True, slots=True)
class Ping:
    """The provider tries the webhook out."""


@dataclass(frozen=True, slots=True)
class Unrelated:
    """An event that moves no ref."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A body that is not what its event says."""

    message: str


def is_authentic(secret: bytes, body: bytes, signatures: Sequence[str]) -> bool:
    """Return whether the one `X-Hub-Signature-256` is the HMAC-SHA256 of the raw body. Compared in constant time."""
    expected = _PREFIX + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return bool(secret) and len(signatures) == 1 and hmac.compare_digest(signatures[0].encode(), expected.encode())


def read(event: str, body: bytes) -> Push | Ping | Unrelated | Unreadable:
    """Read an authentic body of GitHub's."""
    if event == "ping":
        return Ping()
    if event != "push":
        return Unrelated()
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return Unreadable("the body is not JSON")
    return _push(payload) if isinstance(payload, dict) else Unreadable("the body is not a JSON object")


def comparable(url: str) -> str:
    """Return the form under which addresses of one repository meet; hosts of repositories ignore case."""
    return normalised_repository(url).lower()


def _push(payload: dict[str, Any]) -> Push | Unreadable:
    repository, ref, after = payload.get("repository"), payload.get("ref"), payload.get("after")
    if not isinstance(repository, dict) or not isinstance(ref, str):
        return Unreadable("a push names its repository and ref")
    addresses = (repository.get(name) for name in _ADDRESSES)
    known = frozenset(comparable(url) for url in addresses if isinstance(url, str) and url)
    tip = after if isinstance(after, str) and after != _ZEROS else ""
    return Push(known, ref, tip, payload.get("forced") is True)
