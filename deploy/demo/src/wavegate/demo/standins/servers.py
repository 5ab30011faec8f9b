"""ASGI applications on loopback ports of their own choosing, inside the driver's process."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"
_STOPPING = 3.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files of a server's certificate and key."""

    certificate: Path
    key: Path


class _Server(uvicorn.Server):
    """Leaves signals to the driver, which must stop the platform before it stops these servers."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, tls: Certificate | None = None) -> AsyncIterator[int]:
    """Serve an application while the context lasts; gives its port."""
    listener = socket.create_server((LOOPBACK, 0))
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        ssl_certfile=str(tls.certificate) if tls else None,
        ssl_keyfile=str(tls.key) if tls else None,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        done, _ = await asyncio.wait({task}, timeout=_STOPPING)
        if not done:
            task.cancel()
        listener.close()
