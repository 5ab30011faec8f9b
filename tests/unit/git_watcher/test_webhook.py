"""The webhook endpoint, driven as an ASGI server drives it."""

import asyncio
import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from watched_world import T0

from wavegate.git_watcher.adapters.webhook import FREE_BYTES, SHARED_BYTES, Webhook
from wavegate.git_watcher.domain.pushes import BODY_LIMIT, Push

SECRET = b"s3cret"
BODY = (Path(__file__).parent / "github-push.json").read_bytes()


class Endpoint:
    def __init__(self, secret: bytes | None = SECRET) -> None:
        self.secret = secret
        self.accepted: list[tuple[str, Push]] = []
        self.now = T0
        self.read = 0
        self.gate: asyncio.Event | None = None
        webhook = Webhook(lambda: self.secret, lambda *push: self.accepted.append(push), lambda: self.now)
        self.application = webhook.application()

    async def post(self, *parts: bytes, method: str = "POST", path: str = "/api/webhook", **headers: str) -> int:
        """Deliver; what is not given as a header is what GitHub would send."""
        body = b"".join(parts)
        given = {
            "x-github-event": "push",
            "x-github-delivery": "d-1",
            "x-hub-signature-256": "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest(),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        waiting = list(parts)
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if not waiting:
                return {"type": "http.disconnect"}
            if self.gate is not None and len(waiting) < len(parts):
                await self.gate.wait()
            part = waiting.pop(0)
            self.read += len(part)
            return {"type": "http.request", "body": part, "more_body": bool(waiting)}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in given.items() if value],
        }
        await self.application(scope, receive, send)
        return int(sent[0]["status"])


@pytest.mark.shows(
    "GitHub push webhook",
    "works",
    "`/api/webhook`, `webhook.github.secret` of `argocd-secret`; without a secret it answers 404",
)
async def test_an_authentic_push_is_handed_on_with_its_delivery_id() -> None:
    endpoint = Endpoint()

    assert await endpoint.post(BODY) == 200
    ((delivery, push),) = endpoint.accepted
    assert delivery == "d-1"
    assert push.ref == "refs/heads/main"


async def test_without_a_secret_there_is_no_endpoint() -> None:
    for secret in (None, b""):
        endpoint = Endpoint(secret)
        assert await endpoint.post(BODY) == 404
        assert endpoint.read == 0
        assert endpoint.accepted == []


async def test_the_secret_may_change_at_any_time() -> None:
    endpoint = Endpoint(None)
    assert await endpoint.post(BODY) == 404
    endpoint.secret = SECRET
    assert await endpoint.post(BODY) == 200
    endpoint.secret = b"rotated"
    assert await endpoint.post(BODY + b" ") == 401


@pytest.mark.shows(
    "Webhooks of GitLab, Bitbucket, Gogs, Azure DevOps",
    "refused by name",
    "401: the signature is GitHub's or missing; polling finds their pushes",
)
async def test_wrong_and_missing_signatures_are_401_whatever_the_body() -> None:
    endpoint = Endpoint()

    assert await endpoint.post(BODY, x_hub_signature_256="sha256=00") == 401
    assert await endpoint.post(BODY, x_hub_signature_256="") == 401
    assert await endpoint.post(b"[" * 1000, x_hub_signature_256="sha256=00") == 401
    assert endpoint.accepted == []


async def test_a_large_body_is_413_and_not_read_to_its_end() -> None:
    endpoint = Endpoint()
    assert await endpoint.post(*[b"x" * (64 << 10)] * 100) == 413
    assert endpoint.read <= BODY_LIMIT + (64 << 10)

    announced = Endpoint()
    assert await announced.post(b"x", content_length=str(BODY_LIMIT + 1)) == 413
    assert announced.read == 0


async def test_a_connection_that_breaks_off_is_408() -> None:
    assert await Endpoint().post() == 408


@pytest.mark.parametrize(("event", "status"), [("ping", 200), ("issues", 200), ("push", 400)])
async def test_other_events_are_answered(event: str, status: int) -> None:
    endpoint = Endpoint()

    assert await endpoint.post(b"{}", x_github_event=event) == status
    assert endpoint.accepted == []


async def test_a_replay_within_ten_seconds_costs_no_look() -> None:
    endpoint = Endpoint()
    for _ in range(1000):
        assert await endpoint.post(BODY) == 200
    assert len(endpoint.accepted) == 1

    endpoint.now = T0 + timedelta(seconds=11)
    assert await endpoint.post(BODY) == 200
    assert len(endpoint.accepted) == 2


async def test_only_post_to_the_path_is_served() -> None:
    endpoint = Endpoint()

    assert await endpoint.post(BODY, method="GET") == 405
    assert await endpoint.post(BODY, path="/") == 404


async def test_the_shared_benchmarks_delivery_is_understood() -> None:
    url = "http://127.0.0.1:3999/repo.git"
    repository = dict.fromkeys(("html_url", "clone_url", "ssh_url", "git_url", "url"), url)
    body = json.dumps({"ref": "refs/heads/main", "after": "1" * 40, "repository": repository}).encode()
    endpoint = Endpoint()

    assert await endpoint.post(body) == 200
    assert endpoint.accepted[0][1].repositories == {"127.0.0.1:3999/repo"}


async def test_large_bodies_that_nobody_signed_take_a_bounded_memory_together() -> None:
    endpoint = Endpoint()
    endpoint.gate = asyncio.Event()
    stalled = [endpoint.post(b"x" * (BODY_LIMIT - 1), b"y", x_hub_signature_256="no") for _ in range(100)]
    waiting = [asyncio.create_task(post) for post in stalled]
    for _ in range(5):
        await asyncio.sleep(0)
    small = BODY[: BODY.index(b"}")]
    assert await endpoint.post(small) == 400
    endpoint.gate.set()
    answers = await asyncio.gather(*waiting)

    assert SHARED_BYTES // BODY_LIMIT <= answers.count(401) <= SHARED_BYTES // (BODY_LIMIT - FREE_BYTES) + 1
    assert answers.count(503) == 100 - answers.count(401)
    assert await endpoint.post(b" " * (BODY_LIMIT - 1)) == 400
