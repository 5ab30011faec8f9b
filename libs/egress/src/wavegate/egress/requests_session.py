"""The gate for libraries that speak through `requests`: a Session whose every request goes through an `EgressGate`."""

import asyncio
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import BaseAdapter

from wavegate.contracts.failures import Failure
from wavegate.egress.gate import EgressGate, EgressLimits, EgressResponse


class _GateAdapter(BaseAdapter):
    """Hands a prepared request to the gate on its event loop and waits for the answer in the calling thread."""

    def __init__(self, gate: EgressGate, loop: asyncio.AbstractEventLoop, limits: EgressLimits | None) -> None:
        super().__init__()
        self._gate, self._loop, self._limits = gate, loop, limits

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: FBT001, FBT002 - the signature is requests'
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,  # noqa: FBT001, FBT002
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send through the gate. `verify`, `cert`, `proxies` and `timeout` are the gate's to decide and are ignored.

        Raises:
            requests.ConnectionError: The gate refused or failed; the cause is its `Rejected` or `RetryLater`.
        """
        del stream, timeout, verify, cert, proxies
        body = request.body if isinstance(request.body, (bytes, str)) else None
        headers = {name: value for name, value in request.headers.items() if isinstance(value, str)}
        asked = self._gate.request(
            request.method or "GET", request.url or "", headers=headers, content=body, limits=self._limits
        )
        try:
            answer = asyncio.run_coroutine_threadsafe(asked, self._loop).result()
        except Failure as failure:
            raise requests.ConnectionError(failure.message) from failure
        return _as_response(request, answer)

    def close(self) -> None:
        """Leave the gate open: it is not ours."""


def _as_response(request: requests.PreparedRequest, answer: EgressResponse) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers.update(answer.headers)
    response._content = answer.body  # noqa: SLF001 - the one way to give a Response its bytes
    response.url = request.url or ""
    response.request = request
    return response


class GatedSession(requests.Session):
    """A `requests.Session` that has no other way out than the gate, whatever is mounted on it later.

    Use it from a thread, never from the thread of `loop`: that one has to run the request.
    """

    def __init__(self, gate: EgressGate, loop: asyncio.AbstractEventLoop, limits: EgressLimits | None = None) -> None:
        super().__init__()
        self.trust_env = False
        self.max_redirects = 0
        self._gate_adapter = _GateAdapter(gate, loop, limits)

    def get_adapter(self, url: str | bytes) -> Any:
        """Return the gate for every address."""
        del url
        return self._gate_adapter
