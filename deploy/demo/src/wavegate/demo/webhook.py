"""GitHub's push webhook: the body it sends and the signature over it."""

import asyncio
import hashlib
import hmac
import json
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from wavegate.demo.repository import BRANCH, Pushed

_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where GitHub would deliver, and the secret that both sides know."""

    url: str
    secret: str = field(repr=False)

    async def deliver(self, pushed: Pushed, repository_url: str) -> int:
        """Deliver a push; return the HTTP status.

        Raises:
            OSError: Nobody answered, or not with success.
        """
        body = json.dumps(payload(pushed, repository_url)).encode()
        return await asyncio.to_thread(self._send, body, headers(body, self.secret, pushed))

    def _send(self, body: bytes, given: dict[str, str]) -> int:
        request = urllib.request.Request(self.url, body, given)  # noqa: S310 - the platform's own loopback address
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            return int(answer.status)


def headers(body: bytes, secret: str, pushed: Pushed) -> dict[str, str]:
    """Return the headers of a delivery, signed with HMAC-SHA256 over the raw body."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/demo",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": pushed.sha[:32],
        "X-Hub-Signature-256": f"sha256={signature}",
    }


def payload(pushed: Pushed, repository_url: str) -> dict[str, Any]:
    """Return the body of a push event."""
    commit = {
        "id": pushed.sha,
        "message": pushed.subject,
        "added": list(pushed.added),
        "modified": list(pushed.modified),
        "removed": list(pushed.removed),
    }
    return {
        "ref": f"refs/heads/{BRANCH}",
        "before": pushed.before,
        "after": pushed.sha,
        "created": set(pushed.before) == {"0"},
        "deleted": False,
        "forced": False,
        "repository": {
            "name": "platform",
            "full_name": "ml/platform",
            "default_branch": BRANCH,
            "url": repository_url,
            "html_url": repository_url.removesuffix(".git"),
            "clone_url": repository_url,
            "git_url": repository_url,
            "ssh_url": repository_url,
        },
        "pusher": {"name": "ada"},
        "head_commit": commit,
        "commits": [commit],
    }
