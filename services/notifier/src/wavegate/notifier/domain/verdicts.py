"""What the triggers say about an object now."""

from collections.abc import Iterable
from dataclasses import dataclass

from wavegate.contracts.model import Contract
from wavegate.contracts.reasons import Reason
from wavegate.notifier.domain.configuration import Condition, Configuration
from wavegate.notifier.domain.destinations import Destination, Subscribed


class Problem(Contract):
    """Why a subscription or trigger cannot do what it says. Kept on the ledger while it lasts."""

    trigger: str
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one condition of a trigger means for one destination.

    `triggered` is None when the condition could not be evaluated: then nothing is known, so nothing is sent and nothing
    forgotten. `once_per` is empty where the trigger has none, or is not triggered.
    """

    trigger: str
    condition: Condition
    destination: Destination
    triggered: bool | None
    once_per: str = ""

    @property
    def key(self) -> str:
        """Return the key that Argo remembers a sent message under (state.go, StateItemKey)."""
        to = f"{self.destination.service}:{self.destination.recipient}"
        key = f"{self.trigger}:{self.condition.key}:{to}"
        return f"{self.once_per}:{key}" if self.once_per else key

    @property
    def timed(self) -> bool:
        """Tell whether the passing of time alone can change it."""
        return "time.Now" in self.condition.when


def configured_conditions(subscribed: Subscribed, configured: Configuration) -> Iterable[tuple[str, Condition]]:
    """Return the conditions of every trigger that somebody subscribed to."""
    for trigger in subscribed:
        for condition in configured.triggers.get(trigger, ()):
            yield trigger, condition


def missing_parts(subscribed: Subscribed, configured: Configuration) -> tuple[Problem, ...]:
    """Name the triggers that are not configured, and the templates that their conditions name in vain."""
    triggers = tuple(
        Problem(trigger=trigger, reason=Reason.TRIGGER_MISSING, detail=f"trigger {trigger!r} is not configured")
        for trigger in subscribed
        if trigger not in configured.triggers
    )
    templates = {
        (trigger, name)
        for trigger, condition in configured_conditions(subscribed, configured)
        for name in condition.send
        if name not in configured.templates
    }
    return triggers + tuple(
        Problem(
            trigger=trigger,
            reason=Reason.NOTIFICATION_TEMPLATE_MISSING,
            detail=f"trigger {trigger!r} names template {name!r}, which is not configured",
        )
        for trigger, name in sorted(templates)
    )
