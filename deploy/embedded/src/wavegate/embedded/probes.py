"""Asks a child whether it is ready, over the protocol that it serves."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable

from wavegate.embedded.addresses import LOOPBACK
from wavegate.embedded.certificates import Credential

Probe = Callable[[], Awaitable[bool]]
_PATIENCE = 2.0


def http_ready(port: int, path: str, tls: ssl.SSLContext | None = None) -> Probe:
    """Return a probe that holds when the path answers 200."""

    async def probe() -> bool:
        line = await _first_line(port, f"GET {path} HTTP/1.0\r\nHost: {LOOPBACK}\r\n\r\n", tls)
        return b" 200 " in line

    return probe


def greets(port: int, greeting: bytes) -> Probe:
    """Return a probe that holds when the server's first line begins with the greeting."""

    async def probe() -> bool:
        return (await _first_line(port, "", None)).startswith(greeting)

    return probe


def client_tls(authority: str, credential: Credential) -> ssl.SSLContext:
    """Return a context that trusts that authority alone and shows the credential."""
    context = ssl.create_default_context(cafile=authority)
    context.load_cert_chain(credential.certificate, credential.key)
    return context


async def _first_line(port: int, request: str, tls: ssl.SSLContext | None) -> bytes:
    try:
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await asyncio.open_connection(LOOPBACK, port, ssl=tls)
            try:
                writer.write(request.encode())
                await writer.drain()
                return await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):
        return b""
