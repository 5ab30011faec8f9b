"""Liveness and readiness over HTTP, as Kubernetes asks for them: /healthz and /readyz."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import uvicorn

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


def server(host: str, port: int, ready: Callable[[], Mapping[str, bool]]) -> uvicorn.Server:
    """Return a server whose /readyz answers 200 when all named parts are ready, else 503 and which are not."""

    async def application(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI
        parts = dict(ready()) if scope.get("path") == "/readyz" else {}
        known = scope.get("path") in ("/healthz", "/readyz")
        status = (200 if all(parts.values()) else 503) if known else 404
        waiting = ", ".join(sorted(name for name, is_ready in parts.items() if not is_ready))
        text = f"waiting for {waiting}" if waiting else ("ok" if known else "not found")
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text.encode()})

    config = uvicorn.Config(
        application, host=host, port=port, lifespan="off", access_log=False, log_config=None, ws="none"
    )
    return uvicorn.Server(config)
