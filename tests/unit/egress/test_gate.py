"""The gate against a real server on loopback."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from wavegate.contracts.failures import Rejected, RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.egress import AddressPolicy, EgressGate, EgressLimits, GatedSession

LOOPBACK = AddressPolicy(allow_loopback=True)
Answer = Callable[[bytes], bytes | None]


class Server:
    """Answers each connection with fixed bytes, by path; keeps what it was sent."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self.answers: dict[str, bytes | None] = {}
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length")), 0
        )
        self.requests.append(head + await reader.readexactly(length))
        answer = self.answers.get(head.split(b" ")[1].decode(), b"HTTP/1.1 204 No Content\r\n\r\n")
        if answer is None:
            await reader.read()
        else:
            writer.write(answer)
        writer.close()


def body(content: bytes, extra: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n%s\r\n%s" % (len(content), extra, content)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    listener = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = listener.sockets[0].getsockname()[1]
    async with listener:
        yield made


def resolver(*addresses: str) -> Callable[[str, int], object]:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


async def test_a_request_keeps_its_host_and_brings_back_the_answer(server: Server) -> None:
    server.answers["/x?q=1"] = body(b'{"a": 1}')
    async with EgressGate(LOOPBACK, resolver=resolver("127.0.0.1")) as gate:  # type: ignore[arg-type]
        answer = await gate.request(
            "POST", f"http://prometheus.example:{server.port}/x?q=1", headers={"X-A": "b"}, content=b"hello"
        )
    assert answer.ok
    assert answer.json() == {"a": 1}
    assert f"Host: prometheus.example:{server.port}".encode().lower() in server.requests[0].lower()
    assert b"x-a: b" in server.requests[0].lower()
    assert server.requests[0].endswith(b"hello")


async def test_an_address_is_checked_when_connecting(server: Server) -> None:
    async with EgressGate(AddressPolicy(), resolver=resolver("127.0.0.1")) as gate:  # type: ignore[arg-type]
        with pytest.raises(Rejected) as refused:
            await gate.request("GET", f"https://innocent.example:{server.port}/secret")
    assert refused.value.reason is Reason.ADDRESS_FORBIDDEN
    assert "secret" not in str(refused.value)
    assert server.requests == []


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "0", "2130706433", "0x7f000001", "169.254.169.254"]
)
async def test_spellings_of_this_machine_are_refused(server: Server, host: str) -> None:
    async with EgressGate() as gate:
        with pytest.raises((Rejected, RetryLater)):
            await gate.request("GET", f"https://{host}:{server.port}/")
    assert server.requests == []


@pytest.mark.parametrize(
    "url", ["gopher://x/", "file:///etc/passwd", "ftp://x/", "//x/", "x", "", "http://", "http://user:pw@x/"]
)
async def test_other_schemes_and_credentials_in_addresses_are_refused(url: str) -> None:
    async with EgressGate(LOOPBACK) as gate:
        with pytest.raises(Rejected) as refused:
            await gate.request("GET", url)
    assert refused.value.reason is Reason.ADDRESS_FORBIDDEN
    assert "pw" not in str(refused.value)


async def test_a_redirect_is_an_answer_and_is_not_followed(server: Server) -> None:
    server.answers["/"] = b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"
    async with EgressGate(LOOPBACK) as gate:
        answer = await gate.request("GET", f"http://127.0.0.1:{server.port}/")
    assert (answer.status, answer.ok) == (302, False)
    assert len(server.requests) == 1


async def test_a_body_is_bounded(server: Server) -> None:
    server.answers["/"] = body(b"x" * 2000)
    async with EgressGate(LOOPBACK, EgressLimits(max_bytes=2000)) as gate:
        assert (await gate.request("GET", f"http://127.0.0.1:{server.port}/")).ok
        with pytest.raises(Rejected) as refused:
            await gate.request("GET", f"http://127.0.0.1:{server.port}/", limits=EgressLimits(max_bytes=1999))
    assert refused.value.reason is Reason.RESPONSE_TOO_LARGE


async def test_a_compressed_body_is_refused(server: Server) -> None:
    server.answers["/"] = body(b"x", b"content-encoding: gzip\r\n")
    async with EgressGate(LOOPBACK) as gate:
        with pytest.raises(Rejected):
            await gate.request("GET", f"http://127.0.0.1:{server.port}/")


async def test_a_server_that_never_answers_runs_out_of_time(server: Server) -> None:
    server.answers["/token"] = None
    async with EgressGate(LOOPBACK, EgressLimits(seconds=0.05)) as gate:
        with pytest.raises(RetryLater) as failed:
            await gate.request("GET", f"http://127.0.0.1:{server.port}/token")
    assert failed.value.reason is Reason.DESTINATION_UNAVAILABLE
    assert "token" not in str(failed.value)


async def test_another_address_is_tried_when_the_first_refuses(server: Server) -> None:
    async with EgressGate(LOOPBACK, resolver=resolver("127.9.9.9", "127.0.0.1")) as gate:  # type: ignore[arg-type]
        assert (await gate.request("GET", f"http://x.example:{server.port}/")).status == 204


async def test_nobody_there_is_named(server: Server) -> None:
    async with EgressGate(LOOPBACK, resolver=resolver("127.9.9.9")) as gate:  # type: ignore[arg-type]
        with pytest.raises(RetryLater, match=r"x\.example: connection refused"):
            await gate.request("GET", f"http://x.example:{server.port}/")


async def test_an_unknown_name_is_named() -> None:
    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError

    async with EgressGate(LOOPBACK, resolver=nowhere) as gate:
        with pytest.raises(RetryLater, match=r"no-such\.example"):
            await gate.request("GET", "https://no-such.example/")


async def test_requests_goes_through_the_gate_whatever_is_mounted(server: Server) -> None:
    import requests

    server.answers["/"] = body(b'{"ok": true}')
    async with EgressGate(LOOPBACK) as gate:
        session = GatedSession(gate, asyncio.get_running_loop())
        session.mount("https://", requests.adapters.HTTPAdapter())
        answer = await asyncio.to_thread(session.get, f"http://127.0.0.1:{server.port}/")
        assert answer.json() == {"ok": True}
        with pytest.raises(requests.ConnectionError) as refused:
            await asyncio.to_thread(session.get, "https://169.254.169.254/")
    assert isinstance(refused.value.__cause__, Rejected)
