"""Bare repositories over smart HTTP, by Git's own `http-backend`."""

import asyncio
import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

MAX_PUSH = 64 << 20
_TIMEOUT = 30.0


def application(root: Path) -> Starlette:
    """Serve every bare repository under `root` for reading and, where its own configuration allows it, for pushing."""

    async def serve(request: Request) -> Response:
        body = await request.body()
        if len(body) > MAX_PUSH:
            return Response(status_code=413)
        return _answer(await _backend(_environment(request, root, len(body)), body))

    return Starlette(routes=[Route("/{path:path}", serve, methods=["GET", "POST"])])


def _environment(request: Request, root: Path, length: int) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "PATH_INFO": request.url.path,
        "QUERY_STRING": request.url.query,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(length),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "REMOTE_ADDR": "127.0.0.1",
    }


async def _backend(environment: dict[str, str], body: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        "git",
        "http-backend",
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(body), _TIMEOUT)
    finally:
        if process.returncode is None:
            process.kill()
    return output


def _answer(output: bytes) -> Response:
    """Turn a CGI answer into an HTTP one."""
    head, _, body = output.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode("latin-1").splitlines() if ": " in line)
    status = int(headers.pop("Status", "200").split()[0])
    return Response(body, status, headers)
