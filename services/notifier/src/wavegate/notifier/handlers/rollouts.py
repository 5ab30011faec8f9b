"""Rollouts: each event that a trigger is named after is told once (argo-rollouts' notifications)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Decision, Hint
from wavegate.notifier.domain import owing, rollouts, scopes, verdicts
from wavegate.notifier.domain.configuration import Condition, Configuration
from wavegate.notifier.domain.destinations import Subscribed
from wavegate.notifier.domain.ledger import Ledger
from wavegate.notifier.domain.observation import Delivery, Observation, Outcome
from wavegate.notifier.domain.scopes import Scope
from wavegate.notifier.domain.verdicts import Problem, Verdict
from wavegate.notifier.handlers import composing
from wavegate.notifier.ports import Clock, Configurations, Courier, Languages, Objects


@dataclass(frozen=True, slots=True)
class Rollouts:
    """The reconciler of Rollouts; keys are `<namespace>/<name>`."""

    objects: Objects
    configurations: Configurations
    languages: Languages
    courier: Courier
    clock: Clock

    async def observe(self, key: str, state: Ledger | None, hints: Sequence[Hint]) -> Observation | None:
        """Run the triggers of the events in `hints`; without any, go on with what is owed."""
        if not hints and state is None:
            return None
        current = self.configurations.current()
        found = await composing.found(self.objects, key, current.configured, unknown=state is None, told=bool(hints))
        if found is None:
            return composing.leftover(key, state, current)
        if state is None and not composing.concerns(found, current.configured):
            return None
        subscribed, flawed = await composing.subscribed_by(found, current.configured, self.languages)
        scope = scopes.of_rollout(found.object, current.configured, self.clock.now())
        judged, failing = await self._judged(subscribed, hints, current.configured, scope)
        missing = verdicts.missing_parts(subscribed, current.configured)
        seen = Observation(
            object=composing.reference(found.object),
            configuration=current.configured.version,
            verdicts=judged,
            problems=(*composing.configuration_problems(current), *flawed, *missing, *failing),
            origin=composing.origin_of(hints),
            heard=rollouts.heard(hints) if subscribed or composing.asks(found) else (),
        )
        book = owing.starting(state, seen, scope.now)
        news = [verdict for verdict in seen.verdicts if verdict.once_per not in book.heard]
        wanted = owing.wanted(book, seen.configuration, news)
        return seen.with_messages(await composing.composed(wanted, scope, current.configured, self.languages))

    async def _judged(
        self, subscribed: Subscribed, hints: Sequence[Hint], configured: Configuration, scope: Scope
    ) -> tuple[tuple[Verdict, ...], tuple[Problem, ...]]:
        judged: list[Verdict] = []
        failing: list[Problem] = []
        for hint, trigger, condition in _run_by(hints, subscribed, configured):
            triggered, error = await self._evaluate(condition, scope)
            judged += [Verdict(trigger, condition, to, triggered, hint.id) for to in subscribed[trigger]]
            if error:
                failing.append(Problem(trigger=trigger, reason=Reason.TRIGGER_FAILED, detail=error))
        return tuple(judged), tuple(failing)

    async def _evaluate(self, condition: Condition, scope: Scope) -> tuple[bool | None, str]:
        if condition.when == rollouts.ALWAYS:
            return True, ""
        evaluation = await self.languages.evaluate(condition.when, "", scope)
        return (None, evaluation.error) if evaluation.error else (evaluation.triggered, "")

    def decide(
        self, observed: Observation, state: Ledger | None, outcomes: Sequence[Outcome], now: datetime
    ) -> Decision[Ledger, Delivery]:
        """Decide what is owed (`domain.owing`)."""
        return owing.decide(observed, state, outcomes, now)

    async def act(self, key: str, observed: Observation, actions: Sequence[Delivery]) -> Sequence[Outcome]:  # noqa: ARG002 - the shape's signature
        """Deliver."""
        return await self.courier.deliver_all(self.configurations.current().configured, actions)


def _run_by(
    hints: Sequence[Hint], subscribed: Subscribed, configured: Configuration
) -> Iterable[tuple[Hint, str, Condition]]:
    for hint in hints:
        trigger = rollouts.trigger_of(hint.message)
        if trigger is not None and trigger in subscribed:
            for condition in configured.triggers.get(trigger, ()):
                yield hint, trigger, condition
