"""Prometheus' ways to answer (reliability.md F-P1, S60): the exact verdict on each, through the real client and gate."""

import asyncio
import json
import math
from collections.abc import AsyncIterator
from typing import Any

import pytest

from wavegate.egress import AddressPolicy, EgressGate
from wavegate.rollout_analyzer.adapters.prometheus import PrometheusMetrics
from wavegate.rollout_analyzer.domain.metrics import PrometheusQuery
from wavegate.rollout_analyzer.ports import MetricFailed


class Server:
    """Answers with fixed bytes after a fixed wait for ever or not at all."""

    def __init__(self) -> None:
        self.status, self.body, self.silent = 200, b"", False
        self.requests: list[bytes] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length")), 0
        )
        self.requests.append(head + await reader.readexactly(length))
        if self.silent:
            await reader.read()
        else:
            extra = b"location: http://169.254.169.254/\r\n" if self.status == 302 else b""
            writer.write(
                b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n%s\r\n%s" % (self.status, len(self.body), extra, self.body)
            )
        writer.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    listener = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with listener:
        yield made


@pytest.fixture
async def metrics(server: Server) -> AsyncIterator[PrometheusMetrics]:
    async with EgressGate(AddressPolicy(allow_loopback=True)) as gate:
        yield PrometheusMetrics(gate, server.url, (), seconds=2.0)


def success(kind: str, result: Any, **more: Any) -> bytes:
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": result}, **more}).encode()


def series(*values: str) -> list[dict[str, Any]]:
    return [{"metric": {"a": str(index)}, "value": [1, value]} for index, value in enumerate(values)]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (success("vector", series("0.91")), "[0.91]"),
        (success("vector", series("1", "2")), "[1,2]"),
        (success("vector", []), "[]"),
        (success("vector", series("NaN", "+Inf", "-Inf")), "[NaN,+Inf,-Inf]"),
        (success("scalar", [1, "3"]), "3"),
        (success("matrix", [{"values": [[1, "1"], [2, "2"]]}, {"values": [[1, "3"]]}]), "[1,2,3]"),
    ],
)
async def test_answers_are_read(server: Server, metrics: PrometheusMetrics, body: bytes, shown: str) -> None:
    server.body = body
    assert str(await metrics.query(PrometheusQuery("up"))) == shown
    assert b"query=up" in server.requests[0]


async def test_warnings_are_kept(server: Server, metrics: PrometheusMetrics) -> None:
    server.body = success("vector", series("1"), warnings=["partial"])
    assert (await metrics.query(PrometheusQuery("up"))).warnings == ("partial",)


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (500, b"oops", "HTTP Status Code 500"),
        (422, b'{"status":"error","error":"bad"}', "HTTP Status Code 422"),
        (200, b'{"status":"error","errorType":"timeout","error":"slow"}', "MetricFailed: timeout: slow"),
        (200, b"<html>", "answer"),
        (200, b"[]", "cannot be read"),
        (200, b'{"status":"success","data":{"resultType":"vector","result":[{}]}}', "cannot be read"),
        (200, success("vector", series("many")), "cannot be read"),
        (200, success("string", [1, "x"]), "Prometheus metric type not supported"),
        (302, b"", "HTTP Status Code 302|TooManyRedirects|redirect"),
        (200, b'"' + b"x" * (1 << 20) + b'"', "more than 1048576 bytes"),
    ],
)
async def test_what_is_no_answer_is_an_error(
    server: Server, metrics: PrometheusMetrics, status: int, body: bytes, text: str
) -> None:
    server.status, server.body = status, body
    with pytest.raises(MetricFailed, match=text):
        await metrics.query(PrometheusQuery("up"))
    assert len(server.requests) == 1


async def test_silence_and_absence_are_errors(server: Server) -> None:
    server.silent = True
    async with EgressGate(AddressPolicy(allow_loopback=True)) as gate:
        with pytest.raises(MetricFailed, match=r"no answer within 0\.05 s"):
            await PrometheusMetrics(gate, server.url, (), seconds=0.05).query(PrometheusQuery("up"))
        with pytest.raises(MetricFailed, match="connection refused"):
            await PrometheusMetrics(gate, "http://127.0.0.9:1", ()).query(PrometheusQuery("up"))
        with pytest.raises(MetricFailed, match="context deadline exceeded"):
            await PrometheusMetrics(gate, server.url, ()).query(PrometheusQuery("up", timeout=0))


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:1",
        "http://localhost:9090",
        "http://169.254.169.254/latest",
        "http://[::1]:9090",
        "http://0:9090",
        "http://2130706433/",
        "gopher://x/",
        "file:///etc/passwd",
        "http://metrics.example:99999999",
        "nonsense",
    ],
)
async def test_an_address_that_the_operator_did_not_name_is_not_asked(
    server: Server, metrics: PrometheusMetrics, address: str
) -> None:
    with pytest.raises(MetricFailed, match="AddressForbidden"):
        await metrics.query(PrometheusQuery("up", address=address))
    assert server.requests == []


async def test_an_address_that_the_operator_named_is_asked_however_it_is_spelled(server: Server) -> None:
    server.body = success("vector", series("1"))
    async with EgressGate(AddressPolicy(allow_loopback=True)) as gate:
        metrics = PrometheusMetrics(gate, "", (server.url,))
        assert (await metrics.query(PrometheusQuery("up", address=f"{server.url}/"))).numbers == (1.0,)
        with pytest.raises(MetricFailed, match="prometheus address is not configured"):
            await metrics.query(PrometheusQuery("up"))


async def test_headers_are_sent(server: Server, metrics: PrometheusMetrics) -> None:
    server.body = success("vector", series("1"))
    await metrics.query(PrometheusQuery("up", headers=(("X-Scope-OrgID", "a"),)))
    assert b"x-scope-orgid: a" in server.requests[0].lower()
    assert not math.isnan((await metrics.query(PrometheusQuery("up"))).numbers[0])
