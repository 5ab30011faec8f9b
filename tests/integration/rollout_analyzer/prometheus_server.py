"""A Prometheus that answers as a test says."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs


class FakePrometheus:
    """Answers instant queries; `answer` is given the query and returns status and JSON."""

    def __init__(self) -> None:
        self.answer: Callable[[str], tuple[int, Any]] = lambda _: (200, vector(1.0))
        self.queries: list[str] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length")), 0
        )
        target = head.split(b" ")[1].decode()
        form = (await reader.readexactly(length)).decode() or target.partition("?")[2]
        query = parse_qs(form).get("query", [""])[0]
        self.queries.append(query)
        status, document = self.answer(query)
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        writer.write(b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n%s" % (status, len(body), body))
        await writer.drain()
        writer.close()


def vector(*values: float | str) -> dict[str, Any]:
    """A successful answer with one series for each value."""
    result = [{"metric": {}, "value": [1.0, str(value)]} for value in values]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}
