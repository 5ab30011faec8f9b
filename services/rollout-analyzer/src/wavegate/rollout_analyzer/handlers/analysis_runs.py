"""Work on an AnalysisRun, whoever created it. Key: `<namespace>/<name>`; its only state is its own status."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wavegate.contracts.reconciling import Decision, Hint
from wavegate.rollout_analyzer.domain.actions import Outcome, Patch, TakeMeasurements, Taken
from wavegate.rollout_analyzer.domain.arguments import UnresolvedArgument, secret_references
from wavegate.rollout_analyzer.domain.instances import is_ours
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.metrics import Metric
from wavegate.rollout_analyzer.domain.names import COMPLETED, ERROR, Json
from wavegate.rollout_analyzer.domain.run_decision import RunObservation, planned_run
from wavegate.rollout_analyzer.domain.run_status import Measurement
from wavegate.rollout_analyzer.domain.state import RolloutState
from wavegate.rollout_analyzer.domain.verdict import MetricValue, verdict
from wavegate.rollout_analyzer.ports import (
    Clock,
    Cluster,
    ConditionFailed,
    Expressions,
    MetricFailed,
    Metrics,
    Together,
)

MESSAGE_LIMIT = 1024
_NO_RESULT = "metric result is nil or empty: no data returned from the metric provider"

Act = TakeMeasurements | Patch


@dataclass(slots=True)
class AnalysisRunReconciler:
    """The controller of AnalysisRuns."""

    cluster: Cluster
    metrics: Metrics
    expressions: Expressions
    together: Together
    clock: Clock
    instance: str = ""

    async def observe(self, key: str, state: RolloutState | None, hints: Sequence[Hint]) -> RunObservation | None:
        """Look at a run; None when it is gone, not ours or has its verdict."""
        del state, hints
        namespace, _, name = key.partition("/")
        run = await self.cluster.get("AnalysisRun", namespace, name)
        if run is None or mapping(run, "metadata").get("deletionTimestamp") or not is_ours(run, self.instance):
            return None
        if mapping(run, "status").get("phase") in COMPLETED:
            return None
        return await self._with_secrets(namespace, run)

    def decide(
        self, observed: RunObservation, state: RolloutState | None, outcomes: Sequence[Outcome], now: datetime
    ) -> Decision[RolloutState, Act]:
        """Decide what to measure and what to record."""
        del state
        plan = planned_run(observed, outcomes, now)
        return Decision(None, plan.actions, (), plan.wake_at)

    async def act(self, key: str, observed: RunObservation, actions: Sequence[Act]) -> Sequence[Outcome]:
        """Measure, or record."""
        del key, observed
        outcomes: list[Outcome] = []
        for action in actions:
            if isinstance(action, Patch):
                outcomes.extend(await self.cluster.perform(action))
            else:
                jobs = [self._take(metric, action.taken[metric.name]) for metric in action.metrics]
                outcomes.extend(await self.together.run(jobs))
        return outcomes

    async def _with_secrets(self, namespace: str, run: Json) -> RunObservation:
        args = mapping(run, "spec").get("args")
        listed = [one for one in args if isinstance(one, dict)] if isinstance(args, list) else []
        values: dict[str, str] = {}
        try:
            for argument, (secret, key) in secret_references(listed).items():
                value = await self.cluster.secret_value(namespace, secret, key)
                if value is None:
                    return RunObservation(run, values, f'secret "{secret}" with key "{key}" not found')
                values[argument] = value
        except UnresolvedArgument as trouble:
            return RunObservation(run, values, str(trouble))
        return RunObservation(run, values)

    async def _take(self, metric: Metric, index: int) -> Taken:
        started = self.clock.now()
        try:
            value = await self.metrics.query(metric.source)
            phase, message = await self._judged(metric, value)
        except MetricFailed as failed:
            value, phase, message = None, ERROR, str(failed)
        measurement = Measurement(
            phase=phase,
            started_at=started,
            finished_at=self.clock.now(),
            value=str(value) if value is not None else "",
            message=message[:MESSAGE_LIMIT],
            metadata={"warnings": "; ".join(value.warnings)[:MESSAGE_LIMIT]} if value and value.warnings else {},
        )
        return Taken(metric.name, index, measurement)

    async def _judged(self, metric: Metric, value: MetricValue) -> tuple[str, str]:
        results: list[bool | None] = []
        for name, condition in (
            ("successCondition", metric.success_condition),
            ("failureCondition", metric.failure_condition),
        ):
            try:
                results.append(await self.expressions.holds(condition, value) if condition else None)
            except ConditionFailed as failed:
                detail = str(failed) if value.numbers else _NO_RESULT
                return ERROR, f'could not evaluate {name} "{condition}": {detail}'
        return verdict(value, *results)
