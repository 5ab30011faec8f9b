"""The embedded languages and hashes, run by their own Go libraries."""

from collections.abc import Sequence
from typing import Any

from wavegate.goworker import FloatListResult, FloatResult, GoWorkerFailure, GoWorkerPool, MetricResult, WorkerError
from wavegate.rollout_analyzer.domain.names import Json
from wavegate.rollout_analyzer.domain.verdict import MetricValue
from wavegate.rollout_analyzer.ports import ConditionFailed, TemplateUnhashable


class GoExpressions:
    """expr-lang, compiled against the concrete type of the result, as Argo Rollouts runs it."""

    def __init__(self, pool: GoWorkerPool) -> None:
        self._pool = pool

    async def holds(self, condition: str, value: MetricValue) -> bool:
        """Evaluate a condition."""
        result: MetricResult = FloatResult(value.numbers[0]) if value.scalar else FloatListResult(value.numbers)
        try:
            return await self._pool.evaluate_analysis(condition, result)
        except WorkerError as error:
            raise ConditionFailed(error.message) from error
        except GoWorkerFailure as failure:
            raise ConditionFailed(str(failure)) from failure


class GoHashes:
    """Argo's hashes, over Kubernetes' own types."""

    def __init__(self, pool: GoWorkerPool) -> None:
        self._pool = pool

    async def pod_template(self, template: Json, collisions: int | None) -> str:
        """Return a pod template's hash."""
        try:
            return await self._pool.pod_template_hash(template, collisions)
        except WorkerError as error:
            raise TemplateUnhashable(error.message) from error

    async def steps(self, steps: Sequence[dict[str, Any]]) -> str:
        """Return the hash of canary steps."""
        try:
            return await self._pool.steps_hash(list(steps))
        except WorkerError as error:
            raise TemplateUnhashable(error.message) from error
