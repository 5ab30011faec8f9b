from datetime import timedelta

from wavegate.runtime.keyed_queue import KeyedQueue
from wavegate.runtime.memory import EPOCH


def queue() -> KeyedQueue[str]:
    return KeyedQueue()


def test_hints_for_one_key_gather_into_one_look() -> None:
    q = queue()
    q.add("a", "1")
    q.add("b")
    q.add("a", "2")

    assert q.take() == ("a", ["1", "2"])
    assert q.take() == ("b", [])
    assert q.take() is None


def test_a_held_key_is_not_handed_out_twice_and_nothing_said_meanwhile_is_lost() -> None:
    q = queue()
    q.add("a", "1")
    assert q.take() == ("a", ["1"])

    q.add("a", "2")
    assert q.take() is None
    q.give_back("a")

    assert q.take() == ("a", ["2"])


def test_a_held_key_that_nobody_asked_for_again_is_done() -> None:
    q = queue()
    q.add("a")
    q.take()
    q.give_back("a")

    assert q.take() is None
    assert len(q) == 0


def test_a_bare_look_while_held_counts() -> None:
    q = queue()
    q.add("a", "1")
    q.take()
    q.add("a")
    q.give_back("a")

    assert q.take() == ("a", [])


def test_due_times_replace_each_other_and_fire_once() -> None:
    q = queue()
    q.wake_at("a", EPOCH + timedelta(seconds=5))
    q.wake_at("a", EPOCH + timedelta(seconds=9))
    q.wake_at("b", EPOCH + timedelta(seconds=7))

    assert q.next_due() == EPOCH + timedelta(seconds=7)
    assert q.release_due(EPOCH + timedelta(seconds=8)) == 1
    assert q.take() == ("b", [])
    assert q.release_due(EPOCH + timedelta(seconds=9)) == 1
    assert q.take() == ("a", [])
    assert q.next_due() is None


def test_a_due_time_can_be_taken_back() -> None:
    q = queue()
    q.wake_at("a", EPOCH)
    q.wake_at("a", None)

    assert q.next_due() is None
    assert q.release_due(EPOCH) == 0
