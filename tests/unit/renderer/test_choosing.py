"""The newest request wins."""

from hypothesis import given
from hypothesis import strategies as st
from rendered_world import command, hint

from wavegate.renderer.domain.choosing import chosen


def seqs(*numbers: int) -> list[int]:
    hints = [hint(str(index), command(number)) for index, number in enumerate(numbers)]
    return [one.message.commits[0].seq for one in chosen(hints)]


def test_of_several_tips_the_latest_is_rendered_whatever_the_order() -> None:
    assert seqs(1, 3, 2) == [3]
    assert seqs() == []


def test_of_equal_tips_the_last_request_counts() -> None:
    hints = [hint("a", command(2)), hint("b", command(2, reason="refresh"))]

    assert [one.id for one in chosen(hints)] == ["b"]


def test_a_request_made_on_purpose_is_fulfilled_besides() -> None:
    hints = [hint("a", command(5)), hint("b", command(2, reason="manual")), hint("c", command(4))]

    assert [one.id for one in chosen(hints)] == ["a", "b"]


@given(st.lists(st.integers(1, 50), min_size=1))
def test_whatever_the_order_the_tip_is_what_is_rendered(numbers: list[int]) -> None:
    assert seqs(*numbers) == [max(numbers)]
