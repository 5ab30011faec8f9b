"""From an Application's state to messages, through the handler, the ledger and the loop."""

import sys
from pathlib import Path
from typing import Any

import pytest

from wavegate.contracts.application import SyncSucceeded
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Hint
from wavegate.contracts.references import Commit, ObjectRef
from wavegate.notifier.domain.ledger import Ledger, Status
from wavegate.notifier.handlers import Applications
from wavegate.notifier.ports import Found
from wavegate.runtime.memory import MemoryBus, MemoryStateStore, VirtualClock
from wavegate.runtime.reconciliation import Reconciliation

sys.path.insert(0, str(Path(__file__).parent))
from fakes import KEY, FakeConfigurations, FakeCourier, FakeLanguages, FakeObjects, application, configured


class Bench:
    """A notifier in memory."""

    def __init__(self) -> None:
        self.objects, self.configurations, self.courier = FakeObjects(), FakeConfigurations(), FakeCourier()
        self.store: MemoryStateStore[Ledger] = MemoryStateStore()
        self.bus, self.clock = MemoryBus(), VirtualClock()
        reconciler = Applications(self.objects, self.configurations, FakeLanguages(), self.courier, self.clock)
        self.reconciliation = Reconciliation(reconciler, self.store, self.bus, self.clock)

    async def look(self, found: dict[str, Any] | None, *hints: Hint, project: dict[str, Any] | None = None) -> None:
        self.objects.found = {KEY: Found(found, project)} if found else {}
        await self.reconciliation.run(KEY, hints)

    @property
    def told(self) -> list[tuple[str, str, str]]:
        return [(one.destination.service, one.destination.recipient, one.message.text) for one in self.courier.received]

    @property
    def ledger(self) -> Ledger:
        state = self.store.objects[KEY].state
        assert state is not None
        return state

    def events(self, name: str) -> list[dict[str, Any]]:
        return [entry.data for entry in self.bus.stored.values() if entry.type.endswith(f".{name}.v1")]


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_triggered_subscription_is_told_with_its_cause_and_commits(bench: Bench) -> None:
    commit = Commit(repository="https://git.example.com/x", ref="main", seq=4, sha="a" * 40)
    message = SyncSucceeded(object=ObjectRef(namespace="argocd", name="fraud"), commits=(commit,), intent=7)
    await bench.look(application("on-synced.slack=ml"), Hint("e1", message, "00-aa-bb-01"))
    assert bench.told == [("slack", "ml", "synced r1")]
    (delivered,) = bench.events("NotificationDelivered")
    assert (delivered["text"], delivered["receipt"], delivered["attempt"]) == ("synced r1", "ts1", 1)
    assert (delivered["commits"][0]["seq"], delivered["intent"]) == (4, 7)
    assert {(one.cause, one.traceparent) for one in bench.bus.stored.values()} == {("e1", "00-aa-bb-01")}


async def test_an_application_without_subscriptions_gets_no_ledger(bench: Bench) -> None:
    await bench.look(application())
    assert bench.store.objects == {}


async def test_a_message_about_an_application_that_nobody_subscribed_to_fetches_nothing(bench: Bench) -> None:
    await bench.look(application(), Hint("e1", None))
    assert bench.objects.fetched == 0
    await bench.look(application("on-synced.slack=ml"), Hint("e2", None))
    assert bench.objects.fetched > 0


@pytest.mark.shows("Notifications: subscriptions of AppProjects and of the ConfigMap", "works")
async def test_subscriptions_of_the_project_and_of_the_configuration_count_too(bench: Bench) -> None:
    bench.configurations.configured = configured(
        subscriptions=[{"recipients": ["slack:all"], "triggers": ["on-synced"]}]
    )
    project = {
        "metadata": {"name": "p", "annotations": {"notifications.argoproj.io/subscribe.on-synced.slack": "team;all"}}
    }
    await bench.look(application(), project=project)
    assert sorted(bench.told) == [("slack", "all", "synced r1"), ("slack", "team", "synced r1")]


@pytest.mark.shows("Notifications: a trigger that names a missing template", "works", "says so and sends the others")
async def test_a_trigger_that_names_a_missing_template_says_so_and_sends_the_others(bench: Bench) -> None:
    await bench.look(application("on-partly.slack=ml", "on-synced.slack=ml"))
    assert bench.told == [("slack", "ml", "synced r1"), ("slack", "ml", "synced r1")]
    (failed,) = bench.events("NotificationFailed")
    assert failed["reason"] == Reason.NOTIFICATION_TEMPLATE_MISSING
    assert "'on-partly' names template 'nowhere'" in failed["detail"]
    assert [one.reason for one in bench.ledger.problems] == [Reason.NOTIFICATION_TEMPLATE_MISSING]


async def test_a_trigger_that_is_not_configured_says_so(bench: Bench) -> None:
    await bench.look(application("on-nothing.slack=ml", "on-synced.slack=ml"))
    assert [one["reason"] for one in bench.events("NotificationFailed")] == [Reason.TRIGGER_MISSING]
    assert len(bench.told) == 1


async def test_a_condition_that_fails_is_named_not_taken_for_false(bench: Bench) -> None:
    await bench.look(application("on-broken.slack=ml"))
    (failed,) = bench.events("NotificationFailed")
    assert (failed["reason"], failed["detail"]) == (Reason.TRIGGER_FAILED, "unknown name oops")


async def test_a_condition_over_a_status_not_written_yet_is_no_news(bench: Bench) -> None:
    fresh = application("on-broken.slack=ml") | {"status": {}}
    await bench.look(fresh)
    assert bench.bus.stored == {}
    assert bench.store.objects == {}


async def test_a_service_that_is_not_configured_is_named_and_tried_once_it_is(bench: Bench) -> None:
    bench.configurations.configured = configured(**{"service.teams": {"recipientUrls": {}}})
    await bench.look(application("on-synced.teams=ml", "on-synced.slack=ml"))
    (failed,) = bench.events("NotificationFailed")
    assert (failed["reason"], failed["final"]) == (Reason.SERVICE_NOT_CONFIGURED, True)
    assert "'teams' is not supported" in failed["detail"]
    bench.configurations.configured = configured("2", **{"service.slack.teams": {"token": "$token"}})
    await bench.look(application("on-synced.teams=ml", "on-synced.slack=ml"))
    assert bench.told == [("slack", "ml", "synced r1"), ("teams", "ml", "synced r1")]


async def test_a_template_that_fails_is_named_and_told_once_it_is_mended(bench: Bench) -> None:
    bench.configurations.configured = configured(**{"template.synced": {"message": "{nope}"}})
    await bench.look(application("on-synced.slack=ml"))
    assert bench.ledger.entries[0].reason is Reason.TEMPLATE_FAILED
    bench.configurations.configured = configured("2")
    await bench.look(application("on-synced.slack=ml"))
    assert bench.told == [("slack", "ml", "synced r1")]


async def test_a_configuration_that_does_not_parse_is_named_while_the_last_good_one_stays(bench: Bench) -> None:
    bench.configurations.problem = "trigger.on-x: expected a list"
    await bench.look(application("on-synced.slack=ml"))
    assert bench.told == [("slack", "ml", "synced r1")]
    assert [one["reason"] for one in bench.events("NotificationFailed")] == [Reason.INVALID_CONFIGURATION]


@pytest.mark.shows("The legacy annotation `recipients.argocd-notifications.argoproj.io`", "refused by name")
async def test_a_listing_that_is_no_yaml_and_the_legacy_annotation_are_refused_by_name(bench: Bench) -> None:
    found = application("on-synced.slack=ml")
    found["metadata"]["annotations"] |= {
        "notifications.argoproj.io/subscriptions": "{",
        "recipients.argocd-notifications.argoproj.io": "slack:x",
    }
    await bench.look(found)
    assert {one["reason"] for one in bench.events("NotificationFailed")} == {
        Reason.INVALID_CONFIGURATION,
        Reason.FEATURE_UNSUPPORTED,
    }
    assert len(bench.told) == 1


async def test_what_is_owed_is_told_even_when_its_object_is_gone(bench: Bench) -> None:
    bench.courier.mode = "busy"
    await bench.look(application("on-synced.slack=ml"))
    bench.courier.mode = "accept"
    bench.clock.advance(10)
    await bench.look(None)
    assert bench.told == [("slack", "ml", "synced r1")]
    assert bench.ledger.entries[0].status is Status.DELIVERED


async def test_a_degraded_object_is_told_again_after_it_recovered(bench: Bench) -> None:
    for health in ("Degraded", "Degraded", "Healthy", "Degraded"):
        await bench.look(application("on-degraded.slack=ml", health=health, phase="Running"))
    assert len(bench.told) == 2


@pytest.mark.shows("Taking over what Argo CD has already notified", "works")
async def test_what_argo_cd_told_before_is_not_told_again(bench: Bench) -> None:
    await bench.look(application("on-synced.slack=ml"))
    key = bench.ledger.entries[0].key
    other = Bench()
    found = application("on-synced.slack=ml")
    found["metadata"]["annotations"]["notified.notifications.argoproj.io"] = f'{{"{key}": 1767225600}}'
    await other.look(found)
    assert other.told == []


async def test_no_secret_is_recorded_or_said(bench: Bench) -> None:
    bench.configurations.configured = configured(**{"template.synced": {"message": "xoxb-secret-1"}})
    await bench.look(application("on-synced.slack=ml"))
    spoken = repr(bench.store.objects) + repr(bench.bus.stored) + repr(bench.configurations.configured)
    assert "xoxb-secret-1" not in spoken.replace("message='xoxb-secret-1'", "")
    assert bench.ledger.entries[0].reason is Reason.TEMPLATE_FAILED
