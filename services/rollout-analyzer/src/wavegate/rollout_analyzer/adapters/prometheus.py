"""Prometheus through prometheus-api-client, which is synchronous: in a thread, every request through the outbound gate.

An address in a template is asked only if the operator named it (reliability.md S60): templates are written by people who
may deploy, not by people who may choose what the platform connects to. Addresses that the operator named may be private or
loopback ones.
"""

import asyncio
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import requests
from prometheus_api_client.exceptions import PrometheusApiClientException
from prometheus_api_client.prometheus_connect import PrometheusConnect

from wavegate.contracts.reasons import Reason
from wavegate.egress import EgressGate, EgressLimits, GatedSession
from wavegate.rollout_analyzer.domain.metrics import PrometheusQuery
from wavegate.rollout_analyzer.domain.verdict import MetricValue
from wavegate.rollout_analyzer.ports import MetricFailed

MAX_BYTES = 1 << 20
SAMPLES_LIMIT = 11_000
DETAIL_LIMIT = 300


class PrometheusMetrics:
    """Instant queries.

    Args:
        gate: the way out.
        default: the address that is asked when a template names none; empty when there is none.
        allowed: further addresses that templates may name.
        seconds: the longest that one query may take, whatever its template says.
    """

    def __init__(self, gate: EgressGate, default: str, allowed: Iterable[str], seconds: float = 10.0) -> None:
        self._gate = gate
        self._default = default
        self._allowed = {normalised(address) for address in (default, *allowed) if address}
        self._seconds = seconds

    async def query(self, query: PrometheusQuery) -> MetricValue:
        """Ask now."""
        address = query.address or self._default
        if not address:
            raise MetricFailed("prometheus address is not configured")
        if normalised(address) not in self._allowed:
            raise MetricFailed(
                f"{Reason.ADDRESS_FORBIDDEN}: {host_of(address)} is not among the allowed Prometheus addresses"
            )
        if query.timeout == 0:
            raise MetricFailed("context deadline exceeded")
        limits = EgressLimits(min(float(query.timeout), self._seconds), MAX_BYTES)
        session = GatedSession(self._gate, asyncio.get_running_loop(), limits)
        return await asyncio.to_thread(_ask, session, address.rstrip("/"), query)


def _ask(session: GatedSession, address: str, query: PrometheusQuery) -> MetricValue:
    answers: list[dict[str, Any]] = []

    def keep(response: requests.Response, *_args: Any, **_kwargs: Any) -> None:
        body = response.json() if response.status_code == 200 else {}
        answers.append(body if isinstance(body, dict) else {})

    session.hooks["response"].append(keep)
    client = PrometheusConnect(url=address, headers=dict(query.headers), session=session, method="POST")
    try:
        client.custom_query(query.query)
    except requests.RequestException as error:
        raise MetricFailed(f"{Reason.METRIC_PROVIDER_UNAVAILABLE}: {_detail(error)}") from error
    except PrometheusApiClientException as error:
        raise MetricFailed(f"{Reason.METRIC_PROVIDER_UNAVAILABLE}: {str(error)[:DETAIL_LIMIT]}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise MetricFailed(_refusal(answers)) from error
    finally:
        client.close()
    return _value(answers[-1] if answers else {})


def _detail(error: requests.RequestException) -> str:
    """Return what the gate said; the library's own text would name the whole address."""
    if isinstance(error, requests.exceptions.JSONDecodeError):
        return "the answer is no JSON"
    return str(error.__cause__ or type(error).__name__)[:DETAIL_LIMIT]


def _refusal(answers: list[dict[str, Any]]) -> str:
    answer = answers[-1] if answers else {}
    if answer.get("status") == "error":
        return f"{Reason.METRIC_FAILED}: {answer.get('errorType')}: {answer.get('error')}"[:DETAIL_LIMIT]
    return f"{Reason.METRIC_FAILED}: Prometheus' answer cannot be read"


def _value(answer: dict[str, Any]) -> MetricValue:
    if answer.get("status") != "success":
        raise MetricFailed(_refusal([answer]))
    try:
        kind, result = answer["data"]["resultType"], answer["data"]["result"]
        numbers = _numbers(kind, result)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise MetricFailed(_refusal([answer])) from error
    warnings = answer.get("warnings")
    return MetricValue(
        numbers, scalar=kind == "scalar", warnings=tuple(map(str, warnings)) if isinstance(warnings, list) else ()
    )


def _numbers(kind: str, result: Any) -> tuple[float, ...]:
    if kind == "scalar":
        return (float(result[1]),)
    if kind not in {"vector", "matrix"}:
        raise MetricFailed("Prometheus metric type not supported")
    samples = (
        [one["value"] for one in result] if kind == "vector" else [pair for one in result for pair in one["values"]]
    )
    if len(samples) > SAMPLES_LIMIT:
        raise MetricFailed(f"{Reason.METRIC_FAILED}: more than {SAMPLES_LIMIT} samples")
    return tuple(float(sample[1]) for sample in samples)


def normalised(address: str) -> str:
    """Return the form of an address under which spellings of one Prometheus meet."""
    parts = urlsplit(address)
    try:
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        port = None
    return f"{parts.scheme}://{parts.hostname or ''}:{port}{parts.path.rstrip('/')}"


def host_of(address: str) -> str:
    """Return an address's host, for messages."""
    return urlsplit(address).hostname or "the address"
