"""Who subscribed to what, table by table (notifications.md §1 and §2)."""

import pytest

from wavegate.contracts.failures import Rejected
from wavegate.notifier.domain import selectors, subscriptions
from wavegate.notifier.domain.configuration import Configuration, Subscription
from wavegate.notifier.domain.destinations import Destination, merged

CONFIGURED = Configuration(default_triggers=("on-a", "on-b"), service_default_triggers={"pagerdutyv2": ("on-p",)})
SLACK = Destination("slack", "ml")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("subscribe.on-x.slack", "ml", {"on-x": (SLACK,)}),
        ("subscribe.on-x.slack", " ml ; ops;;", {"on-x": (SLACK, Destination("slack", "ops"))}),
        ("subscribe.on-x.slack", "", {"on-x": (Destination("slack", ""),)}),
        ("subscribe.on-x.slack", " ; ", {}),
        ("subscribe.slack", "ml", {"on-a": (SLACK,), "on-b": (SLACK,)}),
        ("subscribe.pagerdutyv2", "k", {"on-p": (Destination("pagerdutyv2", "k"),)}),
        ("subscribe.on.x.slack", "ml", {"on": (Destination("x", "ml"),)}),
        ("something-else", "ml", {}),
    ],
)
def test_annotations_subscribe_as_with_argo(key: str, value: str, expected: dict[str, tuple[Destination, ...]]) -> None:
    assert subscriptions.of_annotations({f"notifications.argoproj.io/{key}": value}, CONFIGURED) == expected


def test_an_unrelated_annotation_subscribes_nobody() -> None:
    annotations = {"notifications.argoproj.io/subscribe.on-x.slack": "ml", "zzz/unrelated": "1", "aaa/other": "2"}
    assert subscriptions.of_annotations(annotations, CONFIGURED) == {"on-x": (SLACK,)}


def test_the_listing_names_triggers_services_and_recipients() -> None:
    listing = [
        {"trigger": ["on-x"], "destinations": [{"service": "slack", "recipients": ["ml", "ops"]}]},
        {"destinations": [{"service": "pagerdutyv2", "recipients": ["k"]}]},
    ]
    assert subscriptions.of_listing(listing, CONFIGURED) == {
        "on-x": (SLACK, Destination("slack", "ops")),
        "on-p": (Destination("pagerdutyv2", "k"),),
    }


@pytest.mark.parametrize("value", ["text", {"trigger": []}, [["x"]], [{"trigger": "on-x"}]])
def test_a_malformed_listing_is_refused_by_name(value: object) -> None:
    with pytest.raises(Rejected, match="annotation notifications"):
        subscriptions.of_listing(value, CONFIGURED)


@pytest.mark.parametrize(
    ("recipient", "expected"),
    [
        ("slack:ml", SLACK),
        ("slack:foo:bar", Destination("slack", "foo")),
        ("webhook-name", Destination("webhook-name", "")),
    ],
)
def test_global_recipients_are_split_as_with_argo(recipient: str, expected: Destination) -> None:
    configured = Configuration(subscriptions=(Subscription((recipient,), ("on-x",), selectors.parse("")),))
    assert subscriptions.of_configuration({}, configured) == {"on-x": (expected,)}


def test_a_global_subscription_without_triggers_uses_the_defaults_and_its_selector() -> None:
    configured = Configuration(
        default_triggers=("on-a",), subscriptions=(Subscription(("slack:ml",), (), selectors.parse("team=ml")),)
    )
    assert subscriptions.of_configuration({"team": "ml"}, configured) == {"on-a": (SLACK,)}
    assert subscriptions.of_configuration({"team": "web"}, configured) == {}


def test_a_destination_named_twice_is_told_once() -> None:
    assert merged([{"on-x": (SLACK,)}, {"on-x": (SLACK, Destination("slack", "z"))}]) == {
        "on-x": (SLACK, Destination("slack", "z"))
    }
