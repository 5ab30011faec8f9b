"""How a tip moves (architecture §4)."""

from datetime import timedelta

from watched_world import T0, later, sha

from wavegate.contracts.reasons import Reason
from wavegate.contracts.repository_state import RefState
from wavegate.git_watcher.domain.targets import Resolved, Unresolved
from wavegate.git_watcher.domain.tips import Movement, Relation, Sight, advance


def at(number: int, relation: Relation = Relation.OTHER, *, forced: bool = False) -> Sight:
    return Sight(Resolved("refs/heads/main", sha(number)), relation, forced)


LOST = Sight(Unresolved(Reason.REF_MISSING, "unable to resolve 'main' to a commit SHA"))


def state(number: int = 5, seq: int = 3) -> RefState:
    return RefState(sha=sha(number), seq=seq, name="refs/heads/main", observed_at=T0)


def test_the_first_tip_has_seq_1() -> None:
    step = advance(None, at(1), T0)

    assert (step.movement, step.after.sha, step.after.seq) == (Movement.FIRST, sha(1), 1)
    assert step.after.announcing is not None


def test_a_new_commit_raises_seq_and_waits_to_be_judged() -> None:
    step = advance(state(), at(6), T0)

    assert (step.movement, step.after.seq, step.after.unjudged) == (Movement.MOVED, 4, sha(5))


def test_the_same_tip_changes_nothing() -> None:
    assert advance(state(), at(5), later(99)).after == state()


def test_an_ancestor_is_a_lagging_mirror_until_it_is_seen_again_ten_seconds_later() -> None:
    lagging = advance(state(), at(4, Relation.ANCESTOR), T0)
    soon = advance(lagging.after, at(4, Relation.ANCESTOR), later(9.9))
    confirmed = advance(soon.after, at(4, Relation.ANCESTOR), later(10))

    assert [lagging.movement, soon.movement] == [Movement.LAGGING, Movement.STILL_LAGGING]
    assert (lagging.after.sha, soon.after.sha, soon.after.seq) == (sha(5), sha(5), 3)
    assert (confirmed.movement, confirmed.after.sha, confirmed.after.seq) == (Movement.REWRITTEN, sha(4), 4)


def test_another_ancestor_begins_the_wait_anew() -> None:
    lagging = advance(state(), at(4, Relation.ANCESTOR), T0)
    other = advance(lagging.after, at(3, Relation.ANCESTOR), later(11))

    assert other.movement is Movement.LAGGING
    assert other.after.regressed is not None
    assert other.after.regressed.since - T0 == timedelta(seconds=11)


def test_a_mirror_that_catches_up_is_forgiven() -> None:
    lagging = advance(state(), at(4, Relation.ANCESTOR), T0)

    assert advance(lagging.after, at(5), later(20)).after.regressed is None


def test_an_authentic_forced_push_back_counts_at_once() -> None:
    step = advance(state(), at(4, Relation.ANCESTOR, forced=True), T0)

    assert (step.movement, step.after.sha, step.after.seq) == (Movement.REWRITTEN, sha(4), 4)


def test_what_cannot_be_told_is_treated_as_backward() -> None:
    assert advance(state(), at(6, Relation.UNKNOWN), T0).movement is Movement.LAGGING


def test_a_lost_ref_keeps_its_tip_and_seq_and_is_told_once() -> None:
    lost = advance(state(), LOST, T0)
    still = advance(lost.after, LOST, later(60))
    back = advance(still.after, at(5), later(120))

    assert [lost.movement, still.movement, back.movement] == [Movement.LOST, Movement.STILL_LOST, Movement.SAME]
    assert (lost.after.sha, lost.after.seq) == (sha(5), 3)
    assert back.after.failure is None
