"""Values that the notifier's tests are made of."""

from datetime import datetime, timedelta
from typing import Any

from wavegate.contracts.references import ObjectRef
from wavegate.notifier.domain.configuration import Condition
from wavegate.notifier.domain.destinations import Destination
from wavegate.notifier.domain.messages import Message
from wavegate.notifier.domain.observation import Observation
from wavegate.notifier.domain.verdicts import Verdict
from wavegate.runtime.memory import EPOCH

ML = Destination("slack", "ml")
OPS = Destination("pagerdutyv2", "ops")
ABOUT = ObjectRef(namespace="argocd", name="fraud", uid="u1")


def after(seconds: float) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


def verdict(
    *,
    trigger: str = "on-deployed",
    to: Destination = ML,
    triggered: bool | None = True,
    once_per: str = "abc",
    when: str = "true",
) -> Verdict:
    return Verdict(trigger, Condition(0, when, ("t",), ""), to, triggered, once_per if triggered else "")


def observation(*verdicts: Verdict, configuration: str = "1", **more: Any) -> Observation:
    messages = {one.key: Message(text=f"say {one.key}") for one in verdicts if one.triggered}
    given: dict[str, Any] = {"object": ABOUT, "verdicts": verdicts, "messages": messages} | more
    return Observation(configuration=configuration, **given)
