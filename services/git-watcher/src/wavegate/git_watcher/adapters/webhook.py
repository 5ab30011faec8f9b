"""The webhook endpoint: POST /api/webhook, as in Argo CD. It answers at once; the work is a look at a repository."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from wavegate.git_watcher.domain import pushes
from wavegate.git_watcher.domain.pushes import Ping, Push, Unreadable, Unrelated

PATH = "/api/webhook"
BODY_SECONDS = 10.0
REPEATED_WITHIN = timedelta(seconds=10)
REMEMBERED = 1024
FREE_BYTES = 16 << 10
"""What every body may have; most are smaller."""
SHARED_BYTES = 8 << 20
"""What all bodies together may have beyond that: nobody has shown a signature yet."""


class Webhook:
    """Takes deliveries. `secret` gives the present secret, None while there is none; `accept` gets what was pushed."""

    def __init__(
        self, secret: Callable[[], bytes | None], accept: Callable[[str, Push], None], now: Callable[[], datetime]
    ) -> None:
        self._secret = secret
        self._accept = accept
        self._now = now
        self._seen: OrderedDict[str, datetime] = OrderedDict()
        self._shared = 0

    def application(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(routes=[Route(PATH, self.receive, methods=["POST"])])

    async def receive(self, request: Request) -> Response:
        """Answer one delivery: 404 without a secret, 413 past the limit, 401 for a wrong signature, else 200 or 400.

        503 while too much is on its way at once: GitHub shows the delivery as failed, and polling finds the push.
        """
        secret = self._secret()
        if not secret:
            return _answer(404, "no webhook secret is configured")
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await self._body(request)
        except (TimeoutError, ClientDisconnect):
            return _answer(408, "the body did not arrive in time")
        except _Crowded:
            return _answer(503, "too many large bodies at once")
        if body is None:
            return _answer(413, "the body is larger than 1 MiB")
        if not pushes.is_authentic(secret, body, request.headers.getlist("x-hub-signature-256")):
            return _answer(401, "the signature is missing or wrong")
        return self._authentic(request, body)

    def _authentic(self, request: Request, body: bytes) -> Response:
        match pushes.read(request.headers.get("x-github-event", ""), body):
            case Ping():
                return _answer(200, "pong")
            case Unrelated():
                return _answer(200, "nothing to do for this event")
            case Unreadable(message):
                return _answer(400, message)
            case Push() as push:
                if not self._is_repeated(body):
                    self._accept(request.headers.get("x-github-delivery", "")[:128], push)
                return _answer(200, "noted")

    def _is_repeated(self, body: bytes) -> bool:
        """Return whether the same body came a moment ago: a replay costs no look at the repository."""
        now, mark = self._now(), hashlib.sha256(body).hexdigest()
        seen = self._seen.get(mark)
        if seen is not None and now - seen < REPEATED_WITHIN:
            return True
        self._seen[mark] = now
        self._seen.move_to_end(mark)
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return False

    async def _body(self, request: Request) -> bytes | None:
        """Read the raw body; None as soon as it is too large."""
        if int(_digits(request.headers.get("content-length", "0"))) > pushes.BODY_LIMIT:
            return None
        body = bytearray()
        taken = 0
        try:
            async for part in request.stream():
                if len(body) + len(part) > pushes.BODY_LIMIT:
                    return None
                body += part
                more = max(0, len(body) - FREE_BYTES) - taken
                if self._shared + more > SHARED_BYTES:
                    raise _Crowded
                self._shared += more
                taken += more
        finally:
            self._shared -= taken
        return bytes(body)


class _Crowded(Exception):
    """There is no room for more bodies now."""


def _digits(text: str) -> str:
    return text if text.isascii() and text.isdigit() and len(text) < 20 else "0"


def _answer(status: int, text: str) -> Response:
    return PlainTextResponse(text + "\n", status_code=status)
