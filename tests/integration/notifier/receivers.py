"""Local receivers over real HTTP that check requests as Slack and PagerDuty do, and fail as they are told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

Headers = dict[str, str]


@dataclass
class Asked:
    method: str
    path: str
    headers: Headers
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        assert self.headers["content-type"].startswith("application/x-www-form-urlencoded")
        return {name: values[-1] for name, values in parse_qs(self.body.decode(), strict_parsing=True).items()}

    @property
    def json(self) -> Any:
        assert self.headers["content-type"].startswith("application/json")
        return json.loads(self.body)


@dataclass
class Answer:
    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Headers = field(default_factory=dict)
    cut: bool = False


Handler = Callable[[Asked], Answer]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Serve HTTP/1.1 on a free port, one request a connection; yields the address."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = handler(await _read(reader))
            if not answer.cut:
                await _write(writer, answer)
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()


async def _read(reader: asyncio.StreamReader) -> Asked:
    line, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, target, _ = line.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest if one)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, urlsplit(target).path, headers, body)


async def _write(writer: asyncio.StreamWriter, answer: Answer) -> None:
    body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    headers = {"Content-Length": str(len(body)), "Connection": "close", **answer.headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {answer.status} Told\r\n{head}\r\n".encode() + body)
    await writer.drain()


@dataclass
class FakeSlack:
    """A workspace with one bot token. `faults` are used up, one a post: an `Answer`, or `cut` after accepting."""

    token: str = "xoxb-1"
    channels: dict[str, str] = field(default_factory=lambda: {"ml-releases": "C0ML"})
    messages: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Answer] = field(default_factory=list)
    readable: bool = True
    asked: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Answer:
        method = asked.path.removeprefix("/api/")
        self.asked.append(method)
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Answer(200, {"ok": False, "error": "invalid_auth"})
        if method == "chat.postMessage":
            return self._post(asked.form)
        if not self.readable:
            return Answer(200, {"ok": False, "error": "missing_scope", "needed": "channels:history"})
        return {
            "conversations.list": self._list,
            "conversations.history": self._history,
            "conversations.replies": self._history,
        }[method](asked.form)

    def _post(self, form: dict[str, str]) -> Answer:
        fault = self.faults.pop(0) if self.faults else None
        if fault and not fault.cut:
            return fault
        channel = self.channels.get(form["channel"].removeprefix("#"), form["channel"])
        if channel not in self.channels.values():
            return Answer(200, {"ok": False, "error": "channel_not_found"})
        for name in {"attachments", "blocks", "metadata"} & form.keys():
            form[name] = json.loads(form[name])
        stamp = f"17000000{len(self.messages):02d}.000100"
        self.messages.append({**form, "channel": channel, "ts": stamp})
        return fault or Answer(200, {"ok": True, "channel": channel, "ts": stamp})

    def _list(self, form: dict[str, str]) -> Answer:
        every = [{"id": identity, "name": name} for name, identity in sorted(self.channels.items())]
        at = int(form.get("cursor", "0"))
        cursor = str(at + 1) if at + 1 < len(every) else ""
        return Answer(200, {"ok": True, "channels": every[at : at + 1], "response_metadata": {"next_cursor": cursor}})

    def _history(self, form: dict[str, str]) -> Answer:
        if form["channel"] not in self.channels.values():
            return Answer(200, {"ok": False, "error": "channel_not_found"})
        assert form["include_all_metadata"] == "true"
        found = [
            one
            for one in self.messages
            if one["channel"] == form["channel"] and one.get("thread_ts", "") == form.get("ts", "")
        ]
        return Answer(200, {"ok": True, "messages": [*reversed(found)]})


@dataclass
class FakePagerDuty:
    """Events API v2 with its de-duplication, and the REST API's incidents."""

    routing_key: str = "key-1"
    token: str = "token-1"
    alerts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    incidents: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[Answer] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Answer:
        if self.faults and not self.faults[0].cut:
            return self.faults.pop(0)
        answer = {"/v2/enqueue": self._enqueue, "/incidents": self._incident}[asked.path](asked)
        if self.faults:
            return self.faults.pop(0)
        return answer

    def _enqueue(self, asked: Asked) -> Answer:
        event = asked.json
        payload = event.get("payload", {})
        wrong = [name for name in ("summary", "source", "severity") if not payload.get(name)]
        if event.get("routing_key") != self.routing_key or wrong:
            errors = [f"routing_key {event.get('routing_key')} is invalid", *wrong]
            return Answer(400, {"status": "invalid event", "message": "Event object is invalid", "errors": errors})
        assert payload["severity"] in {"critical", "error", "warning", "info"}
        self.alerts.setdefault(event["dedup_key"], []).append(event)
        return Answer(202, {"status": "success", "message": "Event processed", "dedup_key": event["dedup_key"]})

    def _incident(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != f"Token token={self.token}":
            return Answer(401, {"error": {"message": "Unauthorized", "code": 2006}})
        assert asked.headers["accept"] == "application/vnd.pagerduty+json;version=2"
        assert asked.headers["from"]
        incident = asked.json["incident"]
        key = incident["incident_key"]
        if key in self.incidents:
            said = "Open incident with matching dedup key already exists on this service"
            return Answer(400, {"error": {"message": "Arguments Caused Error", "code": 2001, "errors": [said]}})
        self.incidents[key] = incident
        return Answer(201, {"incident": {"id": f"P{len(self.incidents)}"}})
