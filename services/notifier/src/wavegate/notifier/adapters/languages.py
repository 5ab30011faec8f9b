"""The configuration's languages, run by the Go worker."""

from collections.abc import Mapping
from typing import Any

from wavegate.contracts.failures import Rejected, RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.goworker import (
    GoWorkerFailure,
    GoWorkerPool,
    NotificationScope,
    WorkerError,
    WorkerOutOfMemory,
    WorkerTimeout,
    YamlLimits,
    codes,
)
from wavegate.notifier.domain.scopes import Scope
from wavegate.notifier.ports import Evaluation

_LIMITS = YamlLimits(max_bytes=1 << 20, max_documents=1)
_CONTENT_AT_FAULT = (WorkerError, WorkerTimeout, WorkerOutOfMemory)


class GoLanguages:
    """Conditions in expr, texts in Go templates, YAML as Kubernetes reads it."""

    def __init__(self, pool: GoWorkerPool) -> None:
        self._pool = pool

    async def evaluate(self, when: str, once_per: str, scope: Scope) -> Evaluation:
        """Evaluate a trigger's condition."""
        try:
            verdict = await self._pool.evaluate_trigger(when, _scope(scope), once_per=once_per)
        except _CONTENT_AT_FAULT as failure:
            return Evaluation(triggered=False, error=str(failure))
        except GoWorkerFailure as failure:
            raise _again(failure) from failure
        return Evaluation(verdict.triggered, verdict.once_per, verdict.error)

    async def render(self, texts: Mapping[str, str], scope: Scope) -> dict[str, str]:
        """Render Go templates."""
        try:
            return await self._pool.template(texts, _scope(scope))
        except _CONTENT_AT_FAULT as failure:
            raise Rejected(Reason.TEMPLATE_FAILED, _text(failure)) from failure
        except GoWorkerFailure as failure:
            raise _again(failure) from failure

    async def value_of(self, yaml: str) -> Any:
        """Read one YAML document."""
        try:
            values = await self._pool.parse_yaml_values(yaml, _LIMITS)
        except WorkerError as failure:
            if failure.code not in {codes.YAML_INVALID, codes.YAML_LIMIT}:
                raise _again(failure) from failure
            raise Rejected(Reason.INVALID_CONFIGURATION, failure.message) from failure
        except GoWorkerFailure as failure:
            raise _again(failure) from failure
        return values[0] if values else None


def _scope(scope: Scope) -> NotificationScope:
    return NotificationScope(scope.variables, scope.now, scope.secrets, numbers=scope.numbers)


def _text(failure: GoWorkerFailure) -> str:
    return failure.message if isinstance(failure, WorkerError) else str(failure)


def _again(failure: GoWorkerFailure) -> RetryLater:
    return RetryLater(Reason.INTERNAL_ERROR, str(failure), after_seconds=2.0)
