"""The ledger's decision, step by step."""

import sys
from pathlib import Path

import pytest

from wavegate.contracts.notification import NotificationDelivered, NotificationFailed, NotificationIntended
from wavegate.contracts.reasons import Reason
from wavegate.notifier.domain import compaction, owing, retries
from wavegate.notifier.domain.ledger import Ledger, Status
from wavegate.notifier.domain.observation import Accepted, Delivery, Observation, Origin, Postponed, Refused, Unsendable
from wavegate.notifier.domain.verdicts import Problem

sys.path.insert(0, str(Path(__file__).parent))
from builders import ABOUT, ML, OPS, after, observation, verdict


def sent(*seen: Observation) -> tuple[Ledger, Delivery]:
    """Return the ledger and the one delivery after looking at `seen[-1]` for the first time."""
    decision = owing.decide(seen[-1], None, (), after(0))
    assert decision.state is not None
    (delivery,) = decision.actions
    return decision.state, delivery


def quiet(ledger: Ledger, seen: Observation) -> Observation:
    """The same look, with nothing rendered that the ledger knows already."""
    wanted = {one.key for one in owing.wanted(ledger, seen.configuration, seen.verdicts)}
    return seen.with_messages({key: made for key, made in seen.messages.items() if key in wanted})


def test_what_is_triggered_is_recorded_before_it_is_sent() -> None:
    decision = owing.decide(observation(verdict(), origin=Origin(cause="e1")), None, (), after(0))
    assert decision.state is not None
    (entry,) = decision.state.entries
    assert (entry.status, entry.attempt, entry.cause) == (Status.SENDING, 1, "e1")
    assert entry.message is not None
    assert [type(one.message) for one in decision.events] == [NotificationIntended]
    assert decision.actions[0].doubt is False


def test_an_object_that_nobody_is_told_about_gets_no_ledger() -> None:
    decision = owing.decide(observation(verdict(triggered=False)), None, (), after(0))
    assert (decision.state, decision.actions, decision.events) == (None, (), ())


def test_a_delivery_is_recorded_with_its_receipt_and_the_text_goes_into_the_event() -> None:
    seen = observation(verdict())
    ledger, delivery = sent(seen)
    decision = owing.decide(quiet(ledger, seen), ledger, [Accepted(delivery.entry, "C1:17.1")], after(1))
    assert decision.state is not None
    (entry,) = decision.state.entries
    assert (entry.status, entry.receipt, entry.message) == (Status.DELIVERED, "C1:17.1", None)
    (event,) = decision.events
    assert isinstance(event.message, NotificationDelivered)
    assert event.message.text == delivery.message.text
    assert decision.actions == ()


def test_the_same_state_is_told_once() -> None:
    seen = observation(verdict())
    ledger, delivery = sent(seen)
    done = owing.decide(quiet(ledger, seen), ledger, [Accepted(delivery.entry)], after(1)).state
    assert done is not None
    again = owing.decide(quiet(done, seen), done, (), after(2))
    assert (again.state, again.actions, again.events) == (done, (), ())


@pytest.mark.shows("Notifications: `oncePer`", "works", "kept in a ledger beside the object, not in an annotation")
def test_another_once_per_value_is_told_again() -> None:
    seen = observation(verdict(once_per="abc"))
    ledger, delivery = sent(seen)
    later = quiet(ledger, observation(verdict(once_per="def")))
    decision = owing.decide(later, ledger, [Accepted(delivery.entry)], after(1))
    assert [one.entry for one in decision.actions] == [decision.state.entries[1].id]  # type: ignore[union-attr]


def test_a_condition_without_once_per_that_turns_false_may_fire_again() -> None:
    on, off = verdict(once_per=""), verdict(triggered=False)
    ledger, delivery = sent(observation(on))
    done = owing.decide(quiet(ledger, observation(on)), ledger, [Accepted(delivery.entry)], after(1)).state
    assert done is not None
    forgotten = owing.decide(observation(off), done, (), after(2)).state
    assert forgotten is not None
    assert forgotten.entries == ()
    assert len(owing.decide(observation(on), forgotten, (), after(3)).actions) == 1


def test_a_once_per_key_stays_when_its_condition_turns_false() -> None:
    seen = observation(verdict())
    ledger, delivery = sent(seen)
    done = owing.decide(quiet(ledger, seen), ledger, [Accepted(delivery.entry)], after(1)).state
    assert done is not None
    after_false = owing.decide(observation(verdict(triggered=False)), done, (), after(2)).state
    assert after_false is not None
    assert owing.wanted(after_false, "1", seen.verdicts) == []


def test_a_condition_that_cannot_be_evaluated_forgets_nothing() -> None:
    seen = observation(verdict(once_per=""))
    ledger, delivery = sent(seen)
    done = owing.decide(quiet(ledger, seen), ledger, [Accepted(delivery.entry)], after(1)).state
    assert done is not None
    unknown = owing.decide(observation(verdict(triggered=None)), done, (), after(2))
    assert unknown.state == done


def test_a_message_that_is_owed_survives_its_condition_turning_false() -> None:
    on = verdict(once_per="")
    ledger, delivery = sent(observation(on))
    waiting = owing.decide(
        observation(verdict(triggered=False)),
        ledger,
        [Postponed(delivery.entry, Reason.DESTINATION_UNAVAILABLE, "503")],
        after(1),
    )
    assert waiting.state is not None
    (entry,) = waiting.state.entries
    assert (entry.owed, entry.forgotten) == (True, True)
    # It fires again before the first message got through: both are owed, in order.
    both = owing.decide(quiet(waiting.state, observation(on)), waiting.state, (), after(60))
    assert both.state is not None
    assert len(both.state.entries) == 2
    assert [one.entry for one in both.actions] == [entry.id]
    last = owing.decide(quiet(both.state, observation(on)), both.state, [Accepted(entry.id)], after(61))
    assert last.state is not None
    assert [one.forgotten for one in last.state.entries] == [False]


def test_a_refused_message_is_retried_with_growing_pauses_and_never_before_the_destination_asked() -> None:
    seen = observation(verdict())
    ledger, delivery = sent(seen)
    refused = Postponed(delivery.entry, Reason.DESTINATION_UNAVAILABLE, "429", after_seconds=30)
    decision = owing.decide(quiet(ledger, seen), ledger, [refused], after(0))
    assert decision.wake_at == after(30)
    assert decision.actions == ()
    (event,) = decision.events
    assert isinstance(event.message, NotificationFailed)
    assert event.message.final is False
    assert decision.state is not None
    early = owing.decide(quiet(decision.state, seen), decision.state, (), after(29))
    assert early.actions == ()
    due = owing.decide(quiet(decision.state, seen), decision.state, (), after(30))
    assert [(one.attempt, one.doubt) for one in due.actions] == [(2, False)]


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 2), (2, 4), (5, 32), (9, 300), (1000, 300)])
def test_pauses_double_up_to_five_minutes(attempt: int, seconds: int) -> None:
    assert retries.next_attempt(attempt, 0, after(0)) == after(seconds)


def test_an_attempt_without_an_answer_leaves_doubt() -> None:
    seen = observation(verdict())
    ledger, delivery = sent(seen)
    silent = Postponed(delivery.entry, Reason.DESTINATION_UNAVAILABLE, "timeout", doubt=True)
    waiting = owing.decide(quiet(ledger, seen), ledger, [silent], after(0)).state
    assert waiting is not None
    assert owing.decide(quiet(waiting, seen), waiting, (), after(10)).actions[0].doubt is True


def test_a_crash_between_sending_and_recording_leaves_doubt() -> None:
    seen = observation(verdict())
    ledger, delivery = sent(seen)
    (again,) = owing.decide(quiet(ledger, seen), ledger, (), after(5)).actions
    assert (again.entry, again.doubt, again.message) == (delivery.entry, True, delivery.message)


def test_being_left_in_peace_is_no_attempt_and_no_news() -> None:
    seen = observation(verdict())
    ledger, delivery = sent(seen)
    left = Postponed(delivery.entry, Reason.DESTINATION_UNAVAILABLE, "paused", after_seconds=7, asked=False)
    decision = owing.decide(quiet(ledger, seen), ledger, [left], after(0))
    assert (decision.events, decision.wake_at) == ((), after(7))
    assert decision.state is not None
    assert decision.state.entries[0].attempt == 0


def test_messages_to_one_destination_keep_their_order_and_others_do_not_wait() -> None:
    first, second, other = verdict(trigger="on-a"), verdict(trigger="on-b"), verdict(trigger="on-a", to=OPS)
    seen = observation(first, second, other)
    decision = owing.decide(seen, None, (), after(0))
    assert decision.state is not None
    assert [(one.destination, one.message.text) for one in decision.actions] == [
        (ML, f"say {first.key}"),
        (OPS, f"say {other.key}"),
    ]
    outcomes = [
        Postponed(decision.actions[0].entry, Reason.DESTINATION_UNAVAILABLE, "503"),
        Accepted(decision.actions[1].entry),
    ]
    held = owing.decide(quiet(decision.state, seen), decision.state, outcomes, after(1))
    assert held.actions == ()


def test_a_message_that_the_destination_will_not_have_ends_by_name() -> None:
    seen = observation(verdict())
    ledger, delivery = sent(seen)
    refused = Refused(delivery.entry, Reason.DESTINATION_REFUSED, "channel_not_found")
    decision = owing.decide(quiet(ledger, seen), ledger, [refused], after(1))
    assert decision.state is not None
    (entry,) = decision.state.entries
    assert (entry.status, entry.reason, entry.detail) == (
        Status.FAILED,
        Reason.DESTINATION_REFUSED,
        "channel_not_found",
    )
    (event,) = decision.events
    assert isinstance(event.message, NotificationFailed)
    assert event.message.final is True
    still = owing.decide(quiet(decision.state, seen), decision.state, (), after(3600))
    assert (still.actions, still.events) == ((), ())


def test_another_configuration_gives_a_refused_message_another_chance() -> None:
    seen = observation(verdict())
    ledger, delivery = sent(seen)
    refused = [Refused(delivery.entry, Reason.DESTINATION_REFUSED, "invalid_auth")]
    failed = owing.decide(quiet(ledger, seen), ledger, refused, after(1)).state
    assert failed is not None
    mended = quiet(failed, observation(verdict(), configuration="2"))
    (delivery,) = owing.decide(mended, failed, (), after(100)).actions
    assert delivery.doubt is False
    too_late = owing.decide(mended, failed, (), after(90_000))
    assert too_late.actions == ()


def test_a_message_that_could_not_be_made_is_made_once_the_configuration_is_mended() -> None:
    one = verdict()
    broken = observation(one).with_messages({one.key: Unsendable(Reason.TEMPLATE_FAILED, "line 1: oops")})
    decision = owing.decide(broken, None, (), after(0))
    assert decision.state is not None
    assert (decision.actions, decision.state.entries[0].reason) == ((), Reason.TEMPLATE_FAILED)
    assert owing.wanted(decision.state, "1", [one]) == []
    assert owing.wanted(decision.state, "2", [one]) == [one]
    mended = owing.decide(observation(one, configuration="2"), decision.state, (), after(200_000))
    assert len(mended.actions) == 1


def test_a_message_that_waited_a_day_is_given_up_by_name() -> None:
    seen = observation(verdict())
    ledger, delivery = sent(seen)
    silent = Postponed(delivery.entry, Reason.DESTINATION_UNAVAILABLE, "503")
    decision = owing.decide(quiet(ledger, seen), ledger, [silent], after(86_400))
    assert decision.state is not None
    assert decision.state.entries[0].status is Status.FAILED


def test_a_problem_is_told_once_while_it_lasts() -> None:
    problem = Problem(trigger="on-x", reason=Reason.TRIGGER_MISSING, detail="no")
    first = owing.decide(observation(problems=(problem,)), None, (), after(0))
    assert first.state is not None
    assert [one.message.reason for one in first.events] == [Reason.TRIGGER_MISSING]  # type: ignore[attr-defined]
    again = owing.decide(observation(problems=(problem,)), first.state, (), after(1))
    assert (again.events, again.state) == ((), first.state)
    gone = owing.decide(observation(), first.state, (), after(2)).state
    assert gone is not None
    assert owing.decide(observation(problems=(problem,)), gone, (), after(3)).events[0].occurrence != (
        first.events[0].occurrence
    )


def test_what_argo_sent_is_not_sent_again() -> None:
    one = verdict(once_per="abc")
    seen = observation(one, notified={one.key: int(after(-60).timestamp()), "garbage": "x"})
    decision = owing.decide(quiet(owing.starting(None, seen, after(0)), seen), None, (), after(0))
    assert decision.actions == ()
    assert decision.state is not None
    assert [(entry.key, entry.status, entry.once) for entry in decision.state.entries] == [
        (one.key, Status.DELIVERED, True)
    ]


def test_another_object_of_the_same_name_starts_anew() -> None:
    ledger, _ = sent(observation(verdict()))
    recreated = observation(verdict(), object=ABOUT.model_copy(update={"uid": "u2"}))
    decision = owing.decide(recreated, ledger, (), after(1))
    assert decision.state is not None
    assert (decision.state.uid, len(decision.state.entries)) == ("u2", 1)
    assert decision.actions[0].doubt is False


def test_a_later_message_of_a_group_goes_into_the_first_ones_thread() -> None:
    def grouped(once_per: str) -> Observation:
        one = verdict(once_per=once_per)
        made = observation(one).messages[one.key].model_copy(update={"fields": {"groupingKey": "release-1"}})  # type: ignore[union-attr]
        return observation(one).with_messages({one.key: made})

    ledger, delivery = sent(grouped("a"))
    assert delivery.thread == ""
    decision = owing.decide(grouped("b"), ledger, [Accepted(delivery.entry, "C1:17.1")], after(1))
    assert decision.actions[0].thread == "C1:17.1"


def test_a_condition_that_reads_the_clock_is_looked_at_again() -> None:
    decision = owing.decide(observation(verdict(when="time.Now() > x", triggered=False)), None, (), after(0))
    assert decision.wake_at == after(60)


def test_the_ledger_is_bounded_and_forgets_nothing_that_would_be_sent_again() -> None:
    ledger: Ledger | None = None
    for number in range(100):
        seen = observation(verdict(once_per=f"sha{number}"), verdict(trigger="on-created", once_per="fraud"))
        seen = quiet(ledger, seen) if ledger else seen
        outcomes: list[Accepted] = []
        while (decision := owing.decide(seen, ledger, outcomes, after(number))).actions:
            ledger = decision.state
            assert ledger is not None
            outcomes = [Accepted(one.entry) for one in decision.actions]
            seen = quiet(ledger, seen)
        ledger = decision.state
    assert ledger is not None
    assert len(ledger.entries) == compaction.KEPT_PER_SUBSCRIPTION + 2
    assert owing.wanted(ledger, "1", seen.verdicts) == []


def test_too_many_waiting_messages_end_by_name_oldest_first() -> None:
    ledger: Ledger | None = None
    for number in range(compaction.OWED_LIMIT + 3):
        seen = observation(verdict(once_per=f"sha{number}"))
        decision = owing.decide(quiet(ledger, seen) if ledger else seen, ledger, (), after(number))
        ledger = decision.state
        assert ledger is not None
    owed = [entry for entry in ledger.entries if entry.owed]
    assert len(owed) == compaction.OWED_LIMIT
    assert [entry.status for entry in ledger.entries if not entry.owed] == [Status.FAILED] * 3
