"""One bounded request to a checked address."""

import asyncio
import json
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from wavegate.contracts.failures import Rejected, RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.egress.addresses import AddressPolicy

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port → numeric addresses, best first. Raises OSError when there are none."""

_PORTS = {"http": 80, "https": 443}
_BODYLESS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class EgressLimits:
    """Bounds of one request. `seconds` covers everything from resolving to the last byte; `max_bytes` is of the body."""

    seconds: float = 10.0
    max_bytes: int = 1 << 20


@dataclass(frozen=True, slots=True)
class EgressResponse:
    """What came back, whatever its status; a redirect is an answer like any other and is not followed.

    Header names are lower case.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Tell whether the status is 2xx."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """Return the body as UTF-8 text, malformed bytes replaced."""
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            ValueError: It is none.
        """
        return json.loads(self.body)


async def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class EgressGate:
    """The client. Use as an async context manager, or call `aclose`.

    Args:
        policy: which addresses may be connected to.
        limits: what holds for requests that do not bring their own.
        ca_file: PEM certificates trusted besides the well-known ones.
        resolver: for tests; the system's by default.
    """

    def __init__(
        self,
        policy: AddressPolicy | None = None,
        limits: EgressLimits | None = None,
        *,
        ca_file: Path | None = None,
        resolver: Resolver = resolve,
    ) -> None:
        self._policy = policy or AddressPolicy()
        self._limits = limits or EgressLimits()
        self._resolver = resolver
        # No connection outlives its request: a pooled one would be found again by address, whatever name it was verified for.
        self._client = httpx.AsyncClient(
            verify=_trust(ca_file),
            follow_redirects=False,
            trust_env=False,
            timeout=None,  # noqa: S113 - the deadline below covers the whole request
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def __aenter__(self) -> Self:
        """Return the gate itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.aclose()

    async def aclose(self) -> None:
        """Drop what is still open."""
        await self._client.aclose()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | str | None = None,
        limits: EgressLimits | None = None,
    ) -> EgressResponse:
        """Make one request; nothing is tried twice.

        Raises:
            Rejected: `AddressForbidden` (address, scheme or malformed URL), `ResponseTooLarge` (or compressed, which was
                not asked for).
            RetryLater: `DestinationUnavailable`: not resolved, not reached, not verified, broken off, or out of time.
        """
        bounds = limits or self._limits
        target = _target(url)
        try:
            async with asyncio.timeout(bounds.seconds):
                return await self._send(target, method.upper(), dict(headers or {}), content, bounds.max_bytes)
        except TimeoutError:
            raise _unavailable(target, f"no answer within {bounds.seconds:g} s") from None
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            raise _unavailable(target, _kind_of(error)) from None

    async def _send(
        self, target: httpx.URL, method: str, headers: dict[str, str], content: bytes | str | None, max_bytes: int
    ) -> EgressResponse:
        addresses = await self._permitted(target)
        for address in addresses[:-1]:
            try:
                return await self._send_to(address, target, method, headers, content, max_bytes)
            except httpx.ConnectError:
                continue
        return await self._send_to(addresses[-1], target, method, headers, content, max_bytes)

    async def _permitted(self, target: httpx.URL) -> list[str]:
        port = target.port or _PORTS[target.scheme]
        found = await self._resolver(target.host, port)
        permitted = [one for one in found if self._policy.permits(one, encrypted=target.scheme == "https")]
        if not permitted:
            raise Rejected(Reason.ADDRESS_FORBIDDEN, f"{target.host}: its address may not be connected to")
        return permitted

    async def _send_to(
        self,
        address: str,
        target: httpx.URL,
        method: str,
        headers: dict[str, str],
        content: bytes | str | None,
        max_bytes: int,
    ) -> EgressResponse:
        request = self._client.build_request(
            method,
            target.copy_with(host=address),
            headers={**headers, "Host": target.netloc.decode(), "Accept-Encoding": "identity"},
            content=None if method in _BODYLESS and not content else content,
            extensions={"sni_hostname": target.host} if target.scheme == "https" else {},
        )
        response = await self._client.send(request, stream=True)
        try:
            body = await _bounded(response, target, max_bytes)
        finally:
            await response.aclose()
        return EgressResponse(response.status_code, dict(response.headers.items()), body)


async def _bounded(response: httpx.Response, target: httpx.URL, max_bytes: int) -> bytes:
    if response.headers.get("content-encoding", "identity") not in {"", "identity"}:
        raise Rejected(Reason.RESPONSE_TOO_LARGE, f"{target.host} answered compressed, which was not asked for")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > max_bytes:
            raise Rejected(Reason.RESPONSE_TOO_LARGE, f"{target.host} answered with more than {max_bytes} bytes")
    return bytes(body)


def _target(url: str) -> httpx.URL:
    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError):
        raise Rejected(Reason.ADDRESS_FORBIDDEN, "the address is not a URL") from None
    if target.scheme not in _PORTS or not target.host:
        raise Rejected(Reason.ADDRESS_FORBIDDEN, "only http and https addresses with a host are connected to")
    if target.userinfo:
        raise Rejected(Reason.ADDRESS_FORBIDDEN, f"{target.host}: credentials do not belong into an address")
    return target


def _unavailable(target: httpx.URL, detail: str) -> RetryLater:
    return RetryLater(Reason.DESTINATION_UNAVAILABLE, f"{target.host}: {detail}")


def _kind_of(error: Exception) -> str:
    """Say what went wrong in words of ours: an exception's own text may hold the whole URL."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate was not accepted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "the TLS handshake failed"
        if isinstance(cause, socket.gaierror):
            return "the name does not resolve"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, (httpx.ConnectError, OSError)):
        return "connection refused or not reachable"
    return f"the connection broke off ({type(error).__name__})"


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
