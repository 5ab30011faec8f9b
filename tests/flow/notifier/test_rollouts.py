"""Rollouts: each event runs the trigger that is named after it, once."""

import sys
from pathlib import Path
from typing import Any

import pytest

from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Hint
from wavegate.contracts.references import ObjectRef
from wavegate.contracts.rollout import (
    AnalysisCompleted,
    RolloutAborted,
    RolloutDegraded,
    RolloutPromoted,
    WeightSet,
)
from wavegate.notifier.domain import rollouts
from wavegate.notifier.domain.compaction import HEARD
from wavegate.notifier.domain.ledger import Ledger
from wavegate.notifier.handlers import Rollouts
from wavegate.notifier.ports import Found
from wavegate.runtime.memory import MemoryBus, MemoryStateStore, VirtualClock
from wavegate.runtime.reconciliation import Reconciliation

sys.path.insert(0, str(Path(__file__).parent))
from fakes import KEY, FakeConfigurations, FakeCourier, FakeLanguages, FakeObjects, application, configured

ABOUT = ObjectRef(namespace="argocd", name="fraud")
ABORTED = RolloutAborted(object=ABOUT, revision="h", reason=Reason.ANALYSIS_FAILED, detail="0.91 < 0.99")


def bench(*subscribed: str) -> tuple[Reconciliation[Any, Ledger, Any], FakeCourier]:
    configurations = FakeConfigurations(
        configured(
            **{
                "trigger.on-rollout-aborted": [{"send": ["degraded"]}],
                "trigger.on-rollout-completed": [{"when": "health Healthy", "send": ["synced"]}],
            }
        )
    )
    courier, clock = FakeCourier(), VirtualClock()
    objects = FakeObjects({KEY: Found(application(*subscribed))})
    reconciler = Rollouts(objects, configurations, FakeLanguages(), courier, clock)
    return Reconciliation(reconciler, MemoryStateStore(), MemoryBus(), clock), courier


async def test_an_event_is_told_once_however_often_it_comes() -> None:
    notifier, courier = bench("on-rollout-aborted.slack=ml")
    for _ in range(3):
        await notifier.run(KEY, [Hint("e1", ABORTED)])
    await notifier.run(KEY, [Hint("e2", ABORTED)])
    await notifier.run(KEY)
    assert [one.message.text for one in courier.received] == ["degraded at r1"] * 2


async def test_an_event_that_comes_again_after_many_others_is_recognised() -> None:
    notifier, courier = bench("on-rollout-aborted.slack=ml")
    for number in range(40):
        await notifier.run(KEY, [Hint(f"e{number}", ABORTED)])
    await notifier.run(KEY, [Hint("e0", ABORTED)])
    assert len(courier.received) == 40


async def test_an_event_whose_condition_was_false_is_not_told_when_it_comes_again() -> None:
    notifier, courier = bench("on-rollout-completed.slack=ml")
    promoted = Hint("e1", RolloutPromoted(object=ABOUT, revision="h"))
    degraded, healthy = (application("on-rollout-completed.slack=ml", health=one) for one in ("Degraded", "Healthy"))
    for found in (degraded, healthy):
        notifier.reconciler.objects.found[KEY] = Found(found)  # type: ignore[attr-defined]
        await notifier.run(KEY, [promoted])
    assert courier.received == []


async def test_the_ledger_lists_the_newest_events_that_were_decided_on_those_without_a_trigger_too() -> None:
    notifier, _ = bench("on-rollout-aborted.slack=ml")
    degraded = RolloutDegraded(object=ABOUT, revision="h", reason=Reason.PROGRESS_DEADLINE_EXCEEDED, detail="")
    for number in range(2 * HEARD):
        await notifier.run(KEY, [Hint(f"e{number}", degraded)])
    stored = await notifier.store.read(KEY)  # type: ignore[union-attr]
    assert stored is not None
    assert stored.state is not None
    assert stored.state.heard == tuple(f"e{number}" for number in range(HEARD, 2 * HEARD))


async def test_a_condition_counts_where_there_is_one() -> None:
    notifier, courier = bench("on-rollout-completed.slack=ml")
    await notifier.run(KEY, [Hint("e1", RolloutPromoted(object=ABOUT, revision="h"))])
    assert [one.message.text for one in courier.received] == ["synced r1"]


async def test_a_rollout_that_nobody_subscribed_to_is_left_alone() -> None:
    notifier, courier = bench()
    assert await notifier.run(KEY, [Hint("e1", ABORTED)]) is None
    assert courier.received == []
    assert await notifier.store.read(KEY) is None  # type: ignore[union-attr]


@pytest.mark.shows(
    "Notifications of Rollouts",
    "partly",
    "triggers updated, step-completed, paused, completed, aborted, analysis-run-failed and -error; no `analysisRuns` variable",
)
@pytest.mark.parametrize(
    ("message", "trigger"),
    [
        (ABORTED, "on-rollout-aborted"),
        (AnalysisCompleted(object=ABOUT, revision="h", analysis_run="a", phase="Failed"), "on-analysis-run-failed"),
        (AnalysisCompleted(object=ABOUT, revision="h", analysis_run="a", phase="Error"), "on-analysis-run-error"),
        (AnalysisCompleted(object=ABOUT, revision="h", analysis_run="a", phase="Successful"), None),
        (WeightSet(object=ABOUT, revision="h", weight=10, route="r"), None),
        (None, None),
    ],
)
def test_events_run_the_trigger_that_argo_rollouts_names_after_them(message: object, trigger: str | None) -> None:
    assert rollouts.trigger_of(message) == trigger
