"""One API server as a kubeconfig describes it: bytes out, bytes in, every call bounded in time and size.

The REST layer of the `kubernetes` distribution is used for credentials, TLS and the pool of connections; its typed models
and its dynamic client are not (architecture §12: what a call costs).
"""

from __future__ import annotations

import asyncio
import io
import ipaddress
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
from kubernetes.aio.client.configuration import Configuration
from kubernetes.aio.client.rest import RESTClientObject
from kubernetes.aio.config import ConfigException, load_incluster_config, load_kube_config

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.kube.errors import Refusal, Unavailable
from wavegate.kube.lines import LineSplitter, LineTooLong

JSON = "application/json"
LARGE_BODY = 512 * 1024


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """Bounds of a connection.

    Attributes:
        connections: calls and watches that run at a time; more wait.
        call_seconds: longest time of one call, from asking to the last byte.
        connect_seconds: longest time until a connection stands.
        largest_answer: bytes of one answer.
        longest_event: bytes of one watch event.
        silent_seconds: a watch that says nothing for so long is taken for dead; bookmarks come about every minute.
        user_agent: how the API server's audit log names us.
    """

    connections: int = 64
    call_seconds: float = 30.0
    connect_seconds: float = 5.0
    largest_answer: int = 128 * 1024 * 1024
    longest_event: int = 16 * 1024 * 1024
    silent_seconds: float = 150.0
    user_agent: str = "wavegate"


@dataclass(frozen=True, slots=True)
class Call:
    """One request, in the API server's terms. `what` names it in errors."""

    method: str
    path: str
    what: str
    query: Mapping[str, str]
    body: bytes | None = None
    content_type: str = JSON
    accept: str = JSON


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Refused(Exception):
    """A stream did not start: the answer says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class _Rest(RESTClientObject):
    """The REST layer without its own encoding of bodies, which triples the size of text that is not English."""

    def session(self) -> aiohttp.ClientSession:
        """The pool of connections, made on first use inside the running loop."""
        if self.pool_manager is None:
            self.pool_manager = self._create_pool_manager()
        return self.pool_manager


class Connection:
    """Calls to one API server."""

    def __init__(self, configuration: Configuration, options: ConnectionOptions) -> None:
        self._configuration = configuration
        self._options = options
        self._rest = _Rest(configuration)
        self._call_timeout = aiohttp.ClientTimeout(total=options.call_seconds, sock_connect=options.connect_seconds)
        self._watch_timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=options.connect_seconds, sock_read=options.silent_seconds
        )

    async def call(self, call: Call) -> Answer:
        """Make one call and read its whole answer, whatever its status.

        Raises:
            Unavailable: no answer in time, or one larger than the bound.
        """
        try:
            async with await self._send(call, self._call_timeout) as response:
                body = await self._bounded(call, response)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _no_answer(call, error) from error
        return Answer(response.status, response.headers, body)

    async def _bounded(self, call: Call, response: aiohttp.ClientResponse) -> bytes:
        parts = bytearray()
        async for chunk in response.content.iter_any():
            parts += chunk
            if len(parts) > self._options.largest_answer:
                raise Unavailable(
                    Refusal(0, "", f"{call.what}: the answer exceeds {self._options.largest_answer} bytes")
                )
        return bytes(parts)

    async def stream(self, call: Call) -> AsyncGenerator[bytes]:
        """Make a call whose answer goes on and on, and yield its lines.

        Raises:
            Refused: the answer is negative.
            Unavailable: the connection fails or goes silent, or a line exceeds the bound.
        """
        splitter = LineSplitter(self._options.longest_event)
        try:
            async with await self._send(call, self._watch_timeout) as response:
                if response.status != 200:
                    raise Refused(Answer(response.status, response.headers, await self._bounded(call, response)))
                async for chunk in response.content.iter_any():
                    for line in splitter.feed(chunk):
                        yield line
        except (aiohttp.ClientError, OSError, TimeoutError, LineTooLong) as error:
            raise _no_answer(call, error) from error

    async def _send(self, call: Call, limits: aiohttp.ClientTimeout) -> aiohttp.ClientResponse:
        url = f"{self._configuration.host}{call.path}"
        if call.query:
            url = f"{url}?{urlencode(call.query)}"
        headers = {
            "Accept": call.accept,
            "Accept-Encoding": "identity",
            "Content-Type": call.content_type,
            "User-Agent": self._options.user_agent,
        }
        settings: dict[str, Any] = dict(await self._configuration.auth_settings())
        for setting in settings.values():
            headers[setting["key"]] = setting["value"]
        return await self._rest.session().request(
            call.method,
            url,
            headers=headers,
            data=_payload(call.body),
            timeout=limits,
            server_hostname=self._configuration.tls_server_name,
            proxy=self._configuration.proxy,
            proxy_headers=self._configuration.proxy_headers,
        )

    async def close(self) -> None:
        """Close every connection, at once: nobody waits for the server's half of a TLS goodbye."""
        connector = self._rest.session().connector
        if isinstance(connector, aiohttp.TCPConnector):
            await connector.close(abort_ssl=True)
        await self._rest.close()
        await asyncio.sleep(0)  # the turn of the loop in which aborted transports close their sockets


def _payload(body: bytes | None) -> bytes | io.BytesIO | None:
    """The body as aiohttp wants it: a large one as a stream, so that it does not hold up the loop."""
    return io.BytesIO(body) if body is not None and len(body) > LARGE_BODY else body


def _no_answer(call: Call, error: Exception) -> Unavailable:
    return Unavailable(Refusal(0, "", f"{call.what}: no answer: {str(error) or type(error).__name__}"))


@asynccontextmanager
async def connected(kubeconfig: Path | None, options: ConnectionOptions) -> AsyncIterator[Connection]:
    """Open the API server that a kubeconfig's current context names; None means the Pod's own service account.

    Raises:
        Rejected: the kubeconfig cannot be read, or gives up the verification of the server.
    """
    configuration = Configuration()
    configuration.connection_pool_maxsize = options.connections
    configuration.retries = None
    # The environment's proxies and ~/.netrc are looked up in a thread on every call; the kubeconfig says all that counts.
    configuration.client_session_kwargs = {"trust_env": False}
    await _load(kubeconfig, configuration)
    refuse_unverified(configuration.host, verified=configuration.verify_ssl)
    connection = Connection(configuration, options)
    try:
        yield connection
    finally:
        await connection.close()


async def _load(kubeconfig: Path | None, configuration: Configuration) -> None:
    in_cluster: Callable[..., None] = load_incluster_config
    from_file: Callable[..., Awaitable[None]] = load_kube_config
    try:
        if kubeconfig is None:
            in_cluster(client_configuration=configuration)
        else:
            await from_file(str(kubeconfig), client_configuration=configuration, persist_config=False)
    except (ConfigException, OSError, ValueError) as error:
        raise Rejected(Reason.INVALID_CONFIGURATION, f"kubeconfig {kubeconfig}: {error}") from error


def refuse_unverified(server: str, *, verified: bool) -> None:
    """Refuse a server whose identity would not be checked; plain HTTP is for loopback alone.

    Raises:
        Rejected: naming the setting.
    """
    address = urlsplit(server)
    if address.scheme == "http" and not _is_loopback(address.hostname or ""):
        raise Rejected(Reason.INVALID_CONFIGURATION, f"{server}: plain HTTP is for loopback only")
    if address.scheme == "https" and not verified:
        raise Rejected(Reason.INVALID_CONFIGURATION, f"{server}: insecure-skip-tls-verify is refused; give the CA")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def json_of(answer: Answer, what: str) -> dict[str, Any]:
    """The JSON object in an answer.

    Raises:
        Unavailable: it holds none, so something else than an API server answered.
    """
    try:
        document = json.loads(answer.body)
    except ValueError as error:
        raise Unavailable(Refusal(answer.status, "", f"{what}: the answer is not JSON")) from error
    if not isinstance(document, dict):
        raise Unavailable(Refusal(answer.status, "", f"{what}: the answer is not a JSON object"))
    return document
