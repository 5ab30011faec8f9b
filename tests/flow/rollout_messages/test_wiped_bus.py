"""Analyzer and notifier on a bus that may be wiped at any moment: a message about a Rollout is neither lost nor doubled."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from wavegate.contracts.reconciling import Hint, OutboxEntry
from wavegate.contracts.routing import BY_TYPE, NOTIFIER
from wavegate.kube.errors import NotFound, Refusal
from wavegate.notifier.domain.ledger import Ledger
from wavegate.notifier.handlers import Rollouts
from wavegate.notifier.ports import Found
from wavegate.rollout_analyzer.adapters.notification_ledgers import NotificationLedgers
from wavegate.rollout_analyzer.domain.verdict import MetricValue
from wavegate.runtime import envelope
from wavegate.runtime.memory import MemoryBus, MemoryStateStore
from wavegate.runtime.outbox import HELD_LIMIT
from wavegate.runtime.reconciliation import Reconciliation

sys.path.insert(0, str(Path(__file__).parent.parent / "notifier"))
sys.path.insert(0, str(Path(__file__).parent.parent / "rollouts"))
from fakes import FakeConfigurations, FakeCourier, FakeLanguages, configured
from rollout_world import KEY, World, analysis, template, world_with

SUBSCRIPTION = "notifications.argoproj.io/subscribe.on-rollout-aborted.slack"
STEPS = [{"setWeight": 25}, {"pause": {"duration": 5}}, analysis(), {"setWeight": 75}]


class WorkBus(MemoryBus):
    """A bus with the notifier's work on it."""

    def __init__(self) -> None:
        super().__init__()
        self.work: list[OutboxEntry] = []

    async def publish(self, entries: Sequence[OutboxEntry]) -> None:
        self._queue(entry for entry in entries if entry.id not in self.stored)
        await super().publish(entries)

    async def repeat(self, entries: Sequence[OutboxEntry]) -> None:
        await super().repeat(entries)
        self._queue(entries)

    def _queue(self, entries: Any) -> None:
        self.work += [entry for entry in entries if NOTIFIER in BY_TYPE[entry.type].workers]

    def wipe(self) -> None:
        self.stored.clear()
        self.work.clear()


class Platform:
    """Both services. `events` reach the notifier only when a test lets them."""

    def __init__(self, world: World) -> None:
        self.world, self.bus, self.ledger_reads = world, WorkBus(), 0
        world.bus = self.bus
        self.ledgers: MemoryStateStore[Ledger] = MemoryStateStore()
        self.courier = FakeCourier()
        self.restart_analyzer()
        trigger = {"trigger.on-rollout-aborted": [{"send": ["aborted"]}], "template.aborted": {"message": "aborted"}}
        configurations = FakeConfigurations(configured(**trigger))
        reconciler = Rollouts(self, configurations, FakeLanguages(), self.courier, world.clock)
        self.notifier = Reconciliation(reconciler, self.ledgers, MemoryBus(), world.clock)

    def restart_analyzer(self) -> None:
        self.world.restart()
        self.world.rollouts.receipts = NotificationLedgers(self, lambda _: self.world.rollout)

    async def find(self, key: str, *, fresh: bool) -> Found | None:
        """The notifier's port: the Rollout."""
        del key, fresh
        return Found(self.world.rollout)

    async def get(self, gvk: object, namespace: str, name: str) -> dict[str, Any]:
        """The analyzer's client: the notifier's ledger, as it lies in the API server."""
        del gvk
        self.ledger_reads += 1
        assert (namespace, name) == ("default", "rollout-web")
        stored = self.ledgers.objects.get(KEY)
        if stored is None or stored.state is None:
            raise NotFound(Refusal(404, "NotFound", "no ledger"))
        return {"status": {"state": stored.state.to_json()}}

    async def hear(self) -> None:
        """Let the notifier hear everything that waits for it."""
        while self.bus.work:
            entry = self.bus.work.pop(0)
            await self.notifier.run(KEY, [Hint(entry.id, envelope.message(entry))])

    async def abort(self) -> None:
        """Release an image whose analysis fails; the notifier hears nothing of it yet."""
        self.world.metrics.answer = lambda _: MetricValue((0.5,))
        self.world.release("app:2")
        for _ in range(400):
            await self.world.look()
            self.world.cluster.settle_pods()
            if any("RolloutAborted" in one for one in self.waiting):
                return
            self.world.clock.advance(0.25)
        raise AssertionError(self.world.phase)

    async def live(self, seconds: float) -> None:
        """Both live on, the notifier hearing everything."""
        for _ in range(int(seconds / 10)):
            await self.hear()
            await self.world.go(10)
        await self.hear()

    @property
    def outbox(self) -> tuple[OutboxEntry, ...]:
        return self.world.store.objects[KEY].outbox

    @property
    def waiting(self) -> list[str]:
        return [entry.type for entry in self.bus.work]

    @property
    def told(self) -> list[str]:
        return [delivery.message.text for delivery in self.courier.received]


async def platform(*subscriptions: str) -> Platform:
    world = await world_with(STEPS, template(count=2, interval="2s", failureLimit=0))
    annotations = dict.fromkeys(subscriptions, "ml")
    world.cluster.edit("Rollout", "web", {"metadata": {"annotations": annotations}})
    result = Platform(world)
    await result.live(20)
    return result


async def test_in_calm_one_message_is_told_and_the_outbox_empties() -> None:
    both = await platform(SUBSCRIPTION)
    await both.abort()
    await both.live(120)
    assert both.told == ["aborted"]
    assert both.outbox == ()
    assert both.bus.repeated == []


async def test_a_wipe_that_nobody_noticed_delays_the_message_and_loses_nothing() -> None:
    both = await platform(SUBSCRIPTION)
    await both.abort()
    both.bus.wipe()
    await both.live(1200)
    assert both.told == ["aborted"]
    assert both.outbox == ()


async def test_after_a_wipe_that_was_announced_the_message_comes_at_once() -> None:
    both = await platform(SUBSCRIPTION)
    await both.abort()
    both.bus.wipe()
    both.world.rollouts.forget_published()
    await both.world.look()
    await both.hear()
    assert both.told == ["aborted"]
    await both.live(1200)
    assert both.told == ["aborted"]


async def test_a_restarted_analyzer_tells_the_message_at_once() -> None:
    both = await platform(SUBSCRIPTION)
    await both.abort()
    await both.world.go(60)
    both.bus.wipe()
    both.restart_analyzer()
    await both.world.look()
    await both.hear()
    assert both.told == ["aborted"]


async def test_events_that_were_recorded_and_come_again_are_recognised() -> None:
    both = await platform(SUBSCRIPTION)
    await both.abort()
    again = list(both.bus.work)
    await both.hear()
    for _ in range(3):
        both.bus.work = list(again)
        await both.hear()
    assert both.told == ["aborted"]


async def test_a_notifier_that_is_down_stops_no_rollout_and_what_waits_for_it_is_bounded() -> None:
    both = await platform(SUBSCRIPTION)
    for release in range(2, 18):
        both.world.release(f"app:{release}")
        await both.world.go(60)
        assert both.world.phase == ("Healthy", "")
        assert len(both.outbox) <= HELD_LIMIT
    times = [both.bus.repeated.count(entry) for entry in both.bus.stored.values()]
    assert max(times) <= 6

    await both.live(2400)
    assert both.outbox == ()


@pytest.mark.parametrize("annotations", [(), ("example.com/subscribe.on-rollout-aborted.slack",)])
async def test_of_a_rollout_that_nobody_subscribed_to_nothing_is_held_or_asked(annotations: tuple[str, ...]) -> None:
    both = await platform(*annotations)
    await both.abort()
    await both.world.go(30)
    assert both.outbox == ()
    assert both.ledger_reads == 0
    await both.hear()
    assert both.ledgers.objects == {}


async def test_an_annotation_that_subscribes_nobody_holds_nothing_for_long() -> None:
    both = await platform("notifications.argoproj.io/subscriptions")
    await both.abort()
    await both.live(120)
    assert both.outbox == ()
    assert both.told == []
