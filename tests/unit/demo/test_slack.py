import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from wavegate.demo.standins import slack
from wavegate.demo.standins.answers import Answered, Asked

NOW = datetime(2026, 5, 4, 12, 0, 0, 250, tzinfo=UTC)
TOKEN = "xoxb-known"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def ask(fields: dict[str, str], token: str = TOKEN, path: str = slack.METHOD, content_type: str = FORM) -> Answered:
    headers = {"content-type": content_type} | ({"authorization": f"Bearer {token}"} if token else {})
    body = json.dumps(fields) if content_type == "application/json" else urlencode(fields)
    return slack.answer(Asked("POST", path, headers, body.encode()), TOKEN, ("ml-releases",), NOW)


GOOD = {"channel": "ml-releases", "text": "v2 is out"}


def test_a_message_is_accepted_with_the_channels_id_and_a_timestamp() -> None:
    answered = ask(GOOD)

    assert answered.body["ok"] is True
    assert answered.body["channel"].startswith("C")
    assert answered.accepted is not None
    assert answered.accepted["text"] == "v2 is out"
    assert answered.accepted["receipt"] == f"{answered.body['channel']}:{answered.body['ts']}"


def test_json_is_taken_as_well_as_a_form() -> None:
    assert ask(GOOD, content_type="application/json").body["ok"] is True


def test_attachments_of_a_form_are_json() -> None:
    answered = ask({**GOOD, "attachments": '[{"title": "fraud-model"}]'})

    assert answered.accepted is not None
    assert answered.accepted["attachments"] == [{"title": "fraud-model"}]


@pytest.mark.parametrize(
    ("fields", "token", "error"),
    [
        (GOOD, "", "not_authed"),
        (GOOD, "xoxb-other", "invalid_auth"),
        ({"channel": "elsewhere", "text": "x"}, TOKEN, "channel_not_found"),
        ({"channel": "ml-releases"}, TOKEN, "no_text"),
        ({**GOOD, "attachments": "[{"}, TOKEN, "invalid_form_data"),
        ({**GOOD, "attachments": '{"title": "no list"}'}, TOKEN, "invalid_arguments"),
        ({**GOOD, "attachments": json.dumps([{}] * 101)}, TOKEN, "too_many_attachments"),
        ({**GOOD, "text": "x" * 40_001}, TOKEN, "msg_too_long"),
    ],
)
def test_what_is_wrong_is_refused_with_http_200_and_slacks_word_for_it(
    fields: dict[str, str], token: str, error: str
) -> None:
    answered = ask(fields, token)

    assert (answered.status, dict(answered.body)) == (200, {"ok": False, "error": error})
    assert answered.accepted is None


def test_only_the_method_that_posts_is_known() -> None:
    assert ask(GOOD, path="/api/chat.delete").body["error"] == "unknown_method"


def test_a_form_may_carry_the_token_and_json_may_not() -> None:
    with_token = {**GOOD, "token": TOKEN}

    assert ask(with_token, token="").body["ok"] is True
    assert ask(with_token, token="", content_type="application/json").body["error"] == "not_authed"
