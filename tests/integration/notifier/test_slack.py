"""Slack over real HTTP: what is sent, what comes of each answer, and no message twice where it can be looked up."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from wavegate.contracts.reasons import Reason
from wavegate.egress import AddressPolicy, EgressGate, EgressLimits
from wavegate.notifier.adapters.slack import RESENT, Slack
from wavegate.notifier.domain.observation import Accepted, Postponed, Refused

sys.path.insert(0, str(Path(__file__).parent))
from deliveries import ENTRY, delivery, slack
from receivers import Answer, FakeSlack, serving


@pytest.fixture
async def gate() -> Any:
    async with EgressGate(AddressPolicy(allow_loopback=True), EgressLimits(seconds=2)) as opened:
        yield opened


@pytest.mark.shows("Notifications by Slack", "works", "bot token; groups become threads within one Application")
async def test_a_message_is_posted_as_slack_reads_it(gate: EgressGate) -> None:
    fake = FakeSlack()
    fields = {"attachments": '[{"title": "t"}]', "username": "bot", "icon": ":wave:"}
    async with serving(fake) as address:
        outcome = await Slack(gate).deliver(slack(address, disableUnfurl=True), delivery(text="a & ü", fields=fields))
    assert outcome == Accepted(ENTRY, "C0ML:1700000000.000100")
    (message,) = fake.messages
    assert message == {
        "channel": "C0ML",
        "text": "a & ü",
        "attachments": [{"title": "t"}],
        "username": "bot",
        "icon_emoji": ":wave:",
        "unfurl_links": "false",
        "unfurl_media": "false",
        "metadata": {"event_type": "wavegate_notification", "event_payload": {"id": ENTRY}},
        "ts": "1700000000.000100",
    }


async def test_a_later_message_of_a_group_goes_into_its_thread(gate: EgressGate) -> None:
    fake = FakeSlack()
    grouped = delivery(thread="C0ML:16.1", fields={"notifyBroadcast": "true", "icon": "https://x.example/i.png"})
    async with serving(fake) as address:
        await Slack(gate).deliver(slack(address, username="service"), grouped)
    (message,) = fake.messages
    assert (message["thread_ts"], message["reply_broadcast"], message["username"]) == ("16.1", "true", "service")
    assert message["icon_url"] == "https://x.example/i.png"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(429, {}, {"Retry-After": "30"}), ("429", 30.0, False)),
        (Answer(503, b"oops"), ("503", 0.0, True)),
        (Answer(200, {"ok": False, "error": "ratelimited"}, {"Retry-After": "7"}), ("slack: ratelimited", 7.0, False)),
        (Answer(200, {"ok": False, "error": "fatal_error"}), ("slack: fatal_error", 0.0, True)),
    ],
)
async def test_answers_that_say_later(gate: EgressGate, answer: Answer, expected: tuple[str, float, bool]) -> None:
    async with serving(FakeSlack(faults=[answer])) as address:
        outcome = await Slack(gate).deliver(slack(address), delivery())
    assert isinstance(outcome, Postponed)
    assert expected[0] in outcome.detail
    assert (outcome.after_seconds, outcome.doubt) == expected[1:]


@pytest.mark.parametrize(
    ("fake", "error"),
    [
        (FakeSlack(token="other"), "slack: invalid_auth"),
        (FakeSlack(channels={}), "slack: channel_not_found"),
        (FakeSlack(faults=[Answer(200, {"ok": False, "error": "msg_too_long"})]), "slack: msg_too_long"),
        (FakeSlack(faults=[Answer(302, {}, {"Location": "http://169.254.169.254/"})]), "slack: HTTP 302"),
        (FakeSlack(faults=[Answer(200, b"<html>")]), "slack: HTTP 200"),
    ],
)
async def test_answers_that_say_never(gate: EgressGate, fake: FakeSlack, error: str) -> None:
    async with serving(fake) as address:
        outcome = await Slack(gate).deliver(slack(address), delivery())
    assert outcome == Refused(ENTRY, Reason.DESTINATION_REFUSED, error)


async def test_an_accepted_message_whose_answer_was_cut_is_found_not_posted_again(gate: EgressGate) -> None:
    fake = FakeSlack(faults=[Answer(cut=True)], channels={"ml-releases": "C0ML", "a-first": "C0A"})
    async with serving(fake) as address:
        channel = Slack(gate)
        first = await channel.deliver(slack(address), delivery())
        assert isinstance(first, Postponed)
        assert first.doubt
        second = await channel.deliver(slack(address), delivery(doubt=True, attempt=2))
    assert second == Accepted(ENTRY, "C0ML:1700000000.000100")
    assert len(fake.messages) == 1
    assert fake.asked == ["chat.postMessage", "conversations.list", "conversations.list", "conversations.history"]


async def test_a_reply_in_doubt_is_looked_for_in_its_thread(gate: EgressGate) -> None:
    fake = FakeSlack(faults=[Answer(cut=True)])
    async with serving(fake) as address:
        channel = Slack(gate)
        await channel.deliver(slack(address), delivery(thread="C0ML:16.1"))
        again = await channel.deliver(slack(address), delivery(thread="C0ML:16.1", doubt=True))
    assert isinstance(again, Accepted)
    assert fake.asked[1:] == ["conversations.replies"]


async def test_a_message_that_did_not_arrive_is_posted(gate: EgressGate) -> None:
    fake = FakeSlack()
    async with serving(fake) as address:
        outcome = await Slack(gate).deliver(slack(address), delivery(doubt=True))
    assert isinstance(outcome, Accepted)
    assert [message["text"] for message in fake.messages] == ["hello"]


async def test_where_slack_does_not_let_us_look_a_repeated_message_says_so(gate: EgressGate) -> None:
    fake = FakeSlack(readable=False)
    async with serving(fake) as address:
        await Slack(gate).deliver(slack(address), delivery(doubt=True))
    assert [message["text"] for message in fake.messages] == [f"hello{RESENT}"]


async def test_a_destination_that_is_not_there_leaves_doubt_and_names_the_host_alone(gate: EgressGate) -> None:
    outcome = await Slack(gate).deliver(slack("http://127.0.0.1:1"), delivery())
    assert isinstance(outcome, Postponed)
    assert (outcome.reason, outcome.doubt) == (Reason.DESTINATION_UNAVAILABLE, True)
    assert "xoxb" not in outcome.detail


async def test_an_address_that_is_not_allowed_is_refused_by_name() -> None:
    async with serving(FakeSlack()) as address, EgressGate(AddressPolicy()) as closed:
        outcome = await Slack(closed).deliver(slack(address), delivery())
    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.ADDRESS_FORBIDDEN


@pytest.mark.parametrize(("token", "says"), [("", "token is missing"), ("$slack-token", "token $slack-token")])
async def test_a_token_that_is_not_there_is_named(gate: EgressGate, token: str, says: str) -> None:
    outcome = await Slack(gate).deliver(slack("http://127.0.0.1:1", token=token), delivery())
    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.SERVICE_NOT_CONFIGURED
    assert says in outcome.detail


async def test_the_token_travels_in_a_header_alone(gate: EgressGate) -> None:
    seen: list[bytes] = []

    def look(asked: Any) -> Answer:
        seen.append(asked.path.encode() + asked.body)
        return Answer(200, {"ok": True, "channel": "C", "ts": "1"})

    async with serving(look) as address:
        await Slack(gate).deliver(slack(address), delivery())
    assert b"xoxb" not in b"".join(seen)
    assert json.dumps(ENTRY).encode()[1:-1] in seen[0]
