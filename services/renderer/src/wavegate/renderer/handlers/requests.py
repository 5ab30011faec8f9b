"""The renderer's reconciler: requests for one application in, an event out. It keeps no state of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wavegate.contracts.commands import RenderApplication
from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reconciling import Decision, Hint
from wavegate.renderer.domain import choosing, reporting
from wavegate.renderer.domain.results import Result
from wavegate.renderer.handlers.rendering import Rendering


@dataclass(frozen=True, slots=True)
class Request:
    """One request and what came of it: a result, or trouble that may pass."""

    hint: Hint
    command: RenderApplication
    result: Result | RetryLater


@dataclass(frozen=True, slots=True)
class Postpone:
    """Let the request come again later."""

    trouble: RetryLater


@dataclass(frozen=True, slots=True)
class RenderReconciler:
    """Renders; the key is an application's `<namespace>/<name>`.

    Rendering only looks: what it gives depends on its inputs alone and is stored under its own digest. So it belongs to
    observing, and a repetition changes nothing.
    """

    rendering: Rendering

    async def observe(self, key: str, state: None, hints: Sequence[Hint]) -> tuple[Request, ...] | None:  # noqa: ARG002
        """Render what is asked for; older requests for the same application give way to the newest."""
        requests = [await self._fulfil(hint) for hint in choosing.chosen(hints)]
        return tuple(requests) or None

    def decide(
        self,
        observed: tuple[Request, ...],
        state: None,  # noqa: ARG002 - there is none
        outcomes: Sequence[Any],  # noqa: ARG002 - our one action has none
        now: datetime,
    ) -> Decision[None, Postpone]:
        """Say what came of each request; trouble is tried again until patience ends."""
        settled = [(request, _settled(request, now)) for request in observed]
        waiting = [request.result for request, result in settled if result is None]
        return Decision(
            actions=tuple(Postpone(trouble) for trouble in waiting if isinstance(trouble, RetryLater)),
            events=tuple(
                reporting.emitted(request.hint, request.command, result)
                for request, result in settled
                if result is not None
            ),
        )

    async def act(self, key: str, observed: tuple[Request, ...], actions: Sequence[Postpone]) -> Sequence[Any]:  # noqa: ARG002
        """Let the message come again.

        Raises:
            RetryLater: As the trouble says.
        """
        for action in actions:
            raise action.trouble
        return ()

    async def _fulfil(self, hint: Hint) -> Request:
        command: RenderApplication = hint.message
        try:
            return Request(hint, command, await self.rendering.render(command))
        except RetryLater as trouble:
            return Request(hint, command, trouble)


def _settled(request: Request, now: datetime) -> Result | None:
    """Return what is to be said of a request now; None while there is hope."""
    if isinstance(request.result, RetryLater):
        return reporting.impatient(request.hint, request.result, now)
    return request.result
