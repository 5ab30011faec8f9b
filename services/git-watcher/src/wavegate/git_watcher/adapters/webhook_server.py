"""Serves the webhook over HTTP."""

from typing import Any

import uvicorn

BACKLOG = 512


def server(application: Any, host: str, port: int) -> uvicorn.Server:
    """Return a server for the ASGI application; port 0 is any free one."""
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        lifespan="off",
        access_log=False,
        log_config=None,
        ws="none",
        server_header=False,
        date_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=5,
        h11_max_incomplete_event_size=32 << 10,
    )
    return uvicorn.Server(config)
