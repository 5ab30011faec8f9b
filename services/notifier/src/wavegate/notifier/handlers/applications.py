"""Applications: their state is looked at, and what the triggers say of it is owed (argocd-notifications)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Decision, Hint
from wavegate.notifier.domain import adoption, owing, scopes, verdicts
from wavegate.notifier.domain.configuration import Condition, Configuration
from wavegate.notifier.domain.destinations import Subscribed
from wavegate.notifier.domain.ledger import Ledger
from wavegate.notifier.domain.observation import Delivery, Observation, Outcome
from wavegate.notifier.domain.scopes import Json, Scope
from wavegate.notifier.domain.verdicts import Problem, Verdict
from wavegate.notifier.handlers import composing
from wavegate.notifier.ports import Clock, Configurations, Courier, Found, Languages, Objects

_FALSE = "false"
"""What an empty condition means for Applications (Argo CD)."""


@dataclass(frozen=True, slots=True)
class Applications:
    """The reconciler of Applications; keys are `<namespace>/<name>`."""

    objects: Objects
    configurations: Configurations
    languages: Languages
    courier: Courier
    clock: Clock

    async def observe(self, key: str, state: Ledger | None, hints: Sequence[Hint]) -> Observation | None:
        """Evaluate every subscribed trigger on the Application as it stands, and render what is not yet known."""
        current = self.configurations.current()
        found = await composing.found(self.objects, key, current.configured, unknown=state is None, told=bool(hints))
        if found is None:
            return composing.leftover(key, state, current)
        if state is None and not composing.concerns(found, current.configured):
            return None
        subscribed, flawed = await composing.subscribed_by(found, current.configured, self.languages)
        scope = scopes.of_application(found.object, found.project, current.configured, self.clock.now())
        judged, failing = await self._judged(subscribed, found, current.configured, scope)
        seen = Observation(
            object=composing.reference(found.object),
            configuration=current.configured.version,
            verdicts=judged,
            problems=(
                *composing.configuration_problems(current),
                *flawed,
                *verdicts.missing_parts(subscribed, current.configured),
                *failing,
            ),
            origin=composing.origin_of(hints),
            notified=adoption.notified(composing.annotations_of(found.object)),
        )
        wanted = owing.wanted(owing.starting(state, seen, scope.now), seen.configuration, seen.verdicts)
        return seen.with_messages(await composing.composed(wanted, scope, current.configured, self.languages))

    async def _judged(
        self, subscribed: Subscribed, found: Found, configured: Configuration, scope: Scope
    ) -> tuple[tuple[Verdict, ...], tuple[Problem, ...]]:
        judged: list[Verdict] = []
        failing: list[Problem] = []
        for trigger, condition in verdicts.configured_conditions(subscribed, configured):
            triggered, once_per, error = await self._evaluate(condition, scope)
            judged += [Verdict(trigger, condition, to, triggered, once_per) for to in subscribed[trigger]]
            if error and _has_reported(found.object):
                failing.append(Problem(trigger=trigger, reason=Reason.TRIGGER_FAILED, detail=error))
        return tuple(judged), tuple(failing)

    async def _evaluate(self, condition: Condition, scope: Scope) -> tuple[bool | None, str, str]:
        evaluation = await self.languages.evaluate(condition.when or _FALSE, condition.once_per, scope)
        if evaluation.error:
            return None, "", evaluation.error
        return evaluation.triggered, evaluation.once_per, ""

    def decide(
        self, observed: Observation, state: Ledger | None, outcomes: Sequence[Outcome], now: datetime
    ) -> Decision[Ledger, Delivery]:
        """Decide what is owed (`domain.owing`)."""
        return owing.decide(observed, state, outcomes, now)

    async def act(self, key: str, observed: Observation, actions: Sequence[Delivery]) -> Sequence[Outcome]:  # noqa: ARG002 - the shape's signature
        """Deliver."""
        return await self.courier.deliver_all(self.configurations.current().configured, actions)


def _has_reported(application: Json) -> bool:
    """Tell whether the Application's status is complete: before that, a condition has nothing to read, which is no news."""
    status = application.get("status") or {}
    return "sync" in status and "health" in status
