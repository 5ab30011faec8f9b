"""How templates become one message, and what a message may hold."""

import pytest

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.notifier.domain import messages, templates, untrusted

PLAIN = templates.read("a", {"message": "hello"})
SLACK = templates.read("b", {"slack": {"attachments": "[]", "groupingKey": "g", "notifyBroadcast": True}})
OTHER = templates.read("c", {"message": "later", "slack": {"username": "bot"}})
PAGER = templates.read("d", {"pagerdutyv2": {"summary": "s", "severity": "critical"}})


def made(*chosen: templates.Template, service: str = "slack", secrets: tuple[bytes, ...] = ()) -> messages.Message:
    return messages.compose(chosen, service, templates.sources(chosen, service), secrets)


def test_the_last_message_wins_and_a_section_replaces_the_earlier_one_as_a_whole() -> None:
    assert made(PLAIN, SLACK).fields == {"attachments": "[]", "groupingKey": "g", "notifyBroadcast": "true"}
    both = made(PLAIN, SLACK, OTHER)
    assert (both.text, both.fields) == ("later", {"username": "bot"})


def test_an_empty_message_does_not_replace_an_earlier_one() -> None:
    chosen = (PLAIN, OTHER)
    message = messages.compose(chosen, "slack", {"message.0": "hello", "message.1": ""}, ())
    assert message.text == "hello"


def test_only_the_services_own_section_is_rendered() -> None:
    assert templates.sources((PLAIN, PAGER), "slack") == {"message.0": "hello"}


def test_priority_id_is_read_in_either_spelling() -> None:
    found = templates.read("p", {"pagerduty": {"title": "t", "priorityId": "P1"}})
    assert found.sections["pagerduty"].templates == {"title": "t", "priorityID": "P1"}


def test_an_incident_without_its_section_is_refused_by_name() -> None:
    with pytest.raises(Rejected, match="no template of this trigger has a pagerdutyv2 section"):
        made(PLAIN, service="pagerdutyv2")


@pytest.mark.shows("Slack `deliveryPolicy` Update and PostAndUpdate", "refused by name")
def test_a_policy_that_rewrites_messages_is_refused_by_name() -> None:
    with pytest.raises(Rejected, match="PostAndUpdate") as failure:
        made(templates.read("u", {"message": "x", "slack": {"deliveryPolicy": "PostAndUpdate"}}))
    assert failure.value.reason is Reason.FEATURE_UNSUPPORTED


def test_a_long_text_is_cut_and_a_message_that_cannot_be_cut_is_refused() -> None:
    assert len(made(templates.read("l", {"message": "x" * 50_000})).text) == messages.MAX_TEXT
    with pytest.raises(Rejected, match="bytes"):
        made(templates.read("l", {"message": "x", "slack": {"blocks": '["' + "y" * 20_000 + '"]'}}))


@pytest.mark.parametrize("attachments", ["{", "{}", '"x"', f"[{','.join('{}' for _ in range(101))}]"])
def test_attachments_that_slack_would_not_read_are_refused_by_name(attachments: str) -> None:
    with pytest.raises(Rejected, match="slack attachments") as failure:
        made(templates.read("l", {"message": "x", "slack": {"attachments": attachments}}))
    assert failure.value.reason is Reason.TEMPLATE_FAILED


def test_a_message_that_holds_a_secret_is_refused_without_showing_it() -> None:
    with pytest.raises(Rejected) as failure:
        made(templates.read("s", {"message": "token xoxb-12345"}), secrets=(b"xoxb-12345\n",))
    assert "xoxb" not in failure.value.message


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("<!channel> hi", "&lt;!channel> hi"),
        ("<@U1> <https://evil|Approve>", "&lt;@U1> &lt;https://evil|Approve>"),
        ("a\x00b\x1b[31m\u202ec", "ab[31mc"),
        ("two\nlines\tkept", "two\nlines\tkept"),
        ("\ue000forged", "forged"),
    ],
)
def test_content_from_a_status_cannot_call_people_or_disguise_a_link(content: str, shown: str) -> None:
    assert untrusted.written(untrusted.guarded({"m": [content]})["m"][0], "slack") == shown


def test_content_is_bounded_and_reads_plainly_elsewhere() -> None:
    assert len(untrusted.guarded("x" * 40_000)) == untrusted.MAX_TEXT
    assert untrusted.written(untrusted.guarded("a < b"), "pagerdutyv2") == "a < b"
