"""The notifier's ports in memory: an application whose status a test sets, and destinations that behave as told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.notifier.domain import configuration
from wavegate.notifier.domain.configuration import Configuration
from wavegate.notifier.domain.observation import Accepted, Delivery, Outcome, Postponed, Refused
from wavegate.notifier.domain.scopes import Scope
from wavegate.notifier.ports import Current, Evaluation, Found

KEY = "argocd/fraud"
SUBSCRIBE = "notifications.argoproj.io/subscribe"


def configured(version: str = "1", **more: Any) -> Configuration:
    values = {
        "service.slack": {"token": "$token"},
        "service.pagerdutyv2": {"serviceKeys": {"ops": "$key"}},
        "trigger.on-synced": [{"when": "phase Succeeded", "send": ["synced"], "oncePer": "revision"}],
        "trigger.on-degraded": [{"when": "health Degraded", "send": ["degraded"]}],
        "trigger.on-broken": [{"when": "oops", "send": ["synced"]}],
        "trigger.on-partly": [{"when": "true", "send": ["synced", "nowhere"]}],
        "template.synced": {"message": "synced {revision}"},
        "template.degraded": {"message": "degraded at {revision}", "pagerdutyv2": {"summary": "down"}},
    }
    return configuration.read(values | more, {"token": b"xoxb-secret-1", "key": b"routing-key-1"}, version)


def application(
    *subscribed: str, revision: str = "r1", phase: str = "Succeeded", health: str = "Healthy"
) -> dict[str, Any]:
    annotations = {f"{SUBSCRIBE}.{one.partition('=')[0]}": one.partition("=")[2] for one in subscribed}
    status = {"sync": {"status": "Synced"}, "health": {"status": health}, "phase": phase, "revision": revision}
    metadata = {"namespace": "argocd", "name": "fraud", "uid": "u1", "annotations": annotations}
    return {"metadata": metadata, "status": status}


@dataclass
class FakeObjects:
    found: dict[str, Found] = field(default_factory=dict)
    fetched: int = 0

    async def find(self, key: str, *, fresh: bool) -> Found | None:
        self.fetched += fresh
        return self.found.get(key)


@dataclass
class FakeConfigurations:
    configured: Configuration = field(default_factory=configured)
    problem: str = ""

    def current(self) -> Current:
        return Current(self.configured, self.problem)


class FakeLanguages:
    """Conditions are `true`, or the name of a status field and the value it must have; templates are `str.format`."""

    async def evaluate(self, when: str, once_per: str, scope: Scope) -> Evaluation:
        status = self._status(scope)
        if when in {"true", "false"}:
            triggered = when == "true"
        else:
            name, _, value = when.partition(" ")
            if name not in status:
                return Evaluation(triggered=False, error=f"unknown name {name}")
            found = status[name]
            triggered = (found["status"] if isinstance(found, dict) else found) == value
        return Evaluation(triggered, str(status.get(once_per, "<nil>")) if triggered and once_per else "")

    async def render(self, texts: Mapping[str, str], scope: Scope) -> dict[str, str]:
        try:
            return {name: text.format(**self._status(scope)) for name, text in texts.items()}
        except (KeyError, ValueError) as error:
            raise Rejected(Reason.TEMPLATE_FAILED, f"template: {error}") from error

    async def value_of(self, yaml: str) -> Any:
        raise Rejected(Reason.INVALID_CONFIGURATION, f"not YAML: {yaml}")

    @staticmethod
    def _status(scope: Scope) -> dict[str, Any]:
        thing = scope.variables.get("app") or scope.variables.get("rollout") or {}
        return dict(thing.get("status") or {})


@dataclass
class FakeCourier:
    """Destinations that remember what they accepted.

    `mode` is what they do next: `accept`; `busy` (answers 429); `lost` (no answer, not accepted); `cut` (accepted, then no
    answer); `refuse`. Asked in doubt, they look first, as Slack's history and PagerDuty's key allow.
    """

    step: Callable[[], None] = lambda: None
    mode: str = "accept"
    received: list[Delivery] = field(default_factory=list)
    looked: int = 0

    async def deliver_all(self, configured: Configuration, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        del configured
        return [self._deliver(delivery) for delivery in deliveries]

    def _deliver(self, delivery: Delivery) -> Outcome:
        self.step()
        outcome = self._answer(delivery)
        self.step()
        return outcome

    def _answer(self, delivery: Delivery) -> Outcome:
        unavailable = Reason.DESTINATION_UNAVAILABLE
        if delivery.doubt:
            self.looked += 1
            if any(known.entry == delivery.entry for known in self.received):
                return Accepted(delivery.entry, "found")
        match self.mode:
            case "accept":
                self.received.append(delivery)
                return Accepted(delivery.entry, f"ts{len(self.received)}")
            case "busy":
                return Postponed(delivery.entry, unavailable, "429", after_seconds=3.0)
            case "lost":
                return Postponed(delivery.entry, unavailable, "timeout", doubt=True)
            case "cut":
                self.received.append(delivery)
                return Postponed(delivery.entry, unavailable, "cut", doubt=True)
            case _:
                return Refused(delivery.entry, Reason.DESTINATION_REFUSED, "channel_not_found")
