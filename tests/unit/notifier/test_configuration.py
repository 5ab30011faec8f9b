"""The ConfigMap and Secret, as Argo reads them (notifications.md §1)."""

import pytest

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.notifier.domain import configuration


def read(values: dict[str, object], secrets: dict[str, bytes] | None = None) -> configuration.Configuration:
    return configuration.read(values, secrets or {}, "1.1")


@pytest.mark.parametrize(
    ("written", "meant"), [(True, "true"), (False, "false"), ("app.x == 1", "app.x == 1"), (None, ""), (3, "3")]
)
def test_a_condition_that_yaml_reads_as_something_else_is_its_text(written: object, meant: str) -> None:
    found = read({"trigger.on-x": [{"when": written, "send": ["t"], "oncePer": "app.y"}]}).triggers["on-x"][0]
    assert (found.when, found.send, found.once_per) == (meant, ("t",), "app.y")


def test_a_conditions_key_is_its_position_and_hash() -> None:
    first, second = read({"trigger.on-x": [{"when": "true"}, {"when": "true"}]}).triggers["on-x"]
    assert first.key == "[0].X_5TO4MPCKAyY0ipFgr6_IraRNs"
    assert second.key.startswith("[1].")


def test_secret_references_are_replaced_anywhere_in_a_services_texts_and_nowhere_else() -> None:
    found = read(
        {
            "service.slack": {"token": "Bearer $slack-token", "deep": [{"k": "$a.b"}], "missing": "$nope"},
            "context": {"x": "$slack-token"},
        },
        {"slack-token": b"xoxb-1", "a": b"A"},
    )
    assert found.services["slack"].options == {"token": "Bearer xoxb-1", "deep": [{"k": "A.b"}], "missing": "$nope"}
    assert found.context == {"x": "$slack-token"}


def test_credentials_are_not_shown() -> None:
    found = read({"service.slack": {"token": "$t"}}, {"t": b"xoxb-secret"})
    assert "xoxb" not in repr(found)


def test_a_services_name_is_its_type_unless_given() -> None:
    found = read({"service.slack": {}, "service.slack.blue": {}}).services
    assert {name: one.type for name, one in found.items()} == {"slack": "slack", "blue": "slack"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("service.slack.a.b", {}),
        ("service.slack", "text"),
        ("trigger.on-x", {"when": "true"}),
        ("trigger.on-x", ["true"]),
        ("trigger.on-x", [{"send": "t"}]),
        ("template.t", ["x"]),
        ("template.t", {"slack": "x"}),
        ("subscriptions", {"recipients": []}),
        ("subscriptions", [{"selector": "a in b"}]),
        ("defaultTriggers", "on-x"),
        ("context", []),
    ],
)
def test_a_malformed_key_is_named(key: str, value: object) -> None:
    with pytest.raises(Rejected) as failure:
        read({key: value})
    assert failure.value.reason is Reason.INVALID_CONFIGURATION
    assert any(part in failure.value.message for part in (key, key.replace(".", " ", 1), "selector"))


def test_field_names_match_in_any_case_as_in_go() -> None:
    assert read({"trigger.on-x": [{"When": "true", "onceper": "app.y"}]}).triggers["on-x"][0].once_per == "app.y"


def test_other_keys_are_passed_over() -> None:
    assert not configuration.is_ours("config.yaml")
    assert configuration.is_ours("template.a.b")
    assert read({"template.a.b": {"message": "x"}}).templates["a.b"].message == "x"


@pytest.mark.shows("Notification services other than Slack and PagerDuty", "refused by name")
@pytest.mark.parametrize(
    ("name", "says"), [("teams", "'teams' is not configured"), ("hook", "type 'webhook' is not supported")]
)
def test_a_service_that_wavegate_cannot_use_is_refused_by_name(name: str, says: str) -> None:
    configured = read({"service.webhook.hook": {}, "service.slack": {}})
    with pytest.raises(Rejected, match=says) as failure:
        configuration.service_for(configured, name)
    assert failure.value.reason is Reason.SERVICE_NOT_CONFIGURED
    assert configuration.service_for(configured, "slack").type == "slack"
