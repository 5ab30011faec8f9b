"""Which events of a Rollout wait for the notifier, and which of them its ledger lists."""

from typing import Any

import pytest

from wavegate.contracts.events import Emitted
from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import OutboxEntry
from wavegate.contracts.references import ObjectRef
from wavegate.contracts.rollout import RolloutAborted, StepStarted
from wavegate.kube.errors import NotFound, Refusal
from wavegate.rollout_analyzer.adapters.notification_ledgers import NotificationLedgers
from wavegate.runtime import outbox
from wavegate.runtime.memory import EPOCH

ABOUT = ObjectRef(namespace="ml", name="web", uid="u")
ABORTED = RolloutAborted(object=ABOUT, revision="h", reason=Reason.ANALYSIS_FAILED, detail="")
STEP = StepStarted(object=ABOUT, revision="h", step=0, steps=1, kind="setWeight")


def entry(message: RolloutAborted | StepStarted, occurrence: str) -> OutboxEntry:
    return outbox.entry(Emitted(message, occurrence), EPOCH)


class Client:
    def __init__(self, answer: Any) -> None:
        self.answer, self.asked = answer, []

    async def get(self, gvk: object, namespace: str, name: str) -> Any:
        self.asked.append((str(gvk), namespace, name))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def ledgers(client: Client, *annotations: str) -> NotificationLedgers:
    rollout = {"metadata": {"annotations": dict.fromkeys(annotations, "ml")}}
    return NotificationLedgers(client, lambda _: rollout)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("annotation", "waits"),
    [
        ("notifications.argoproj.io/subscribe.on-rollout-aborted.slack", True),
        ("notifications.argoproj.io/subscribe.slack", True),
        ("notifications.argoproj.io/subscriptions", True),
        ("notifications.argoproj.io/other", False),
        ("example.com/subscribe.slack", False),
    ],
)
def test_only_what_the_notifier_hears_about_subscribed_rollouts_is_awaited(annotation: str, waits: bool) -> None:
    aborted, client = entry(ABORTED, "1"), Client({})
    awaited = ledgers(client, annotation).awaited("ml/web", [aborted, entry(STEP, "2")])
    assert list(awaited) == ([aborted.id] if waits else [])
    assert client.asked == []


def test_nothing_is_awaited_for_a_rollout_that_is_gone() -> None:
    assert NotificationLedgers(Client({}), lambda _: None).awaited("ml/web", [entry(ABORTED, "1")]) == ()


async def test_what_the_ledger_lists_is_recorded() -> None:
    first, second = entry(ABORTED, "1"), entry(ABORTED, "2")
    client = Client({"status": {"state": {"heard": ["another", first.id, 7]}}})
    assert await ledgers(client).outstanding("ml/web", [first, second]) == [second.id]
    assert [place[1:] for place in client.asked] == [("ml", "rollout-web")]


@pytest.mark.parametrize(
    "answer",
    [
        NotFound(Refusal(404, "NotFound", "")),
        RetryLater(Reason.API_UNAVAILABLE, ""),
        {},
        {"status": None},
        {"status": {"state": {"heard": "all"}}},
    ],
)
async def test_where_there_is_no_ledger_to_read_all_is_outstanding(answer: Any) -> None:
    aborted = entry(ABORTED, "1")
    assert await ledgers(Client(answer)).outstanding("ml/web", [aborted]) == [aborted.id]
