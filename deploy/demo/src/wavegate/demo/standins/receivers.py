"""The receivers over HTTP. Each writes what it was sent, and what it answered, as one JSON line; never a credential."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from wavegate.demo.standins import pagerduty, slack
from wavegate.demo.standins.answers import Answered, Asked
from wavegate.demo.story.evidence import Received

MAX_BODY = 1 << 20

Answer = Callable[[Asked], Answered]


class Record:
    """What a receiver accepted and refused, as a file of JSON lines; `on_received` hears of each."""

    def __init__(self, receiver: str, file: Path, on_received: Callable[[Received], None]) -> None:
        self._receiver = receiver
        self._file = file
        self._on_received = on_received

    def keep(self, asked: Asked, answered: Answered) -> None:
        """Append one exchange."""
        received = Received(self._receiver, datetime.now(UTC), answered.status, answered.accepted, answered.body)
        line = {
            "receiver": self._receiver,
            "time": received.time.isoformat(),
            "path": asked.path,
            "status": answered.status,
            "answer": dict(answered.body),
            "accepted": dict(answered.accepted) if answered.accepted is not None else None,
        }
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._on_received(received)


@dataclass(frozen=True, slots=True)
class SlackWorkspace:
    """Who may write where."""

    token: str
    channels: Collection[str]

    def __call__(self, asked: Asked) -> Answered:
        """Answer as Slack."""
        return slack.answer(asked, self.token, self.channels, datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class PagerDutyAccount:
    """The integrations that exist."""

    routing_keys: Collection[str]

    def __call__(self, asked: Asked) -> Answered:
        """Answer as PagerDuty."""
        return pagerduty.answer(asked, self.routing_keys)


def application(answer: Answer, record: Record) -> Starlette:
    """Return the receiver as an ASGI application."""

    async def receive(request: Request) -> JSONResponse:
        asked = Asked(request.method, request.url.path, dict(request.headers), await _body(request))
        answered = answer(asked)
        record.keep(asked, answered)
        return JSONResponse(dict(answered.body), answered.status, dict(answered.headers))

    return Starlette(routes=[Route("/{path:path}", receive, methods=["GET", "POST", "PUT", "DELETE", "PATCH"])])


async def _body(request: Request) -> bytes:
    """Read a body up to one byte more than is allowed, so that the answer can refuse it."""
    body = b""
    async for chunk in request.stream():
        body = (body + chunk)[: MAX_BODY + 1]
        if len(body) > MAX_BODY:
            break
    return body
