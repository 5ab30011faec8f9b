"""Pods of canary and stable (rollouts.md §2.2, §2.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.rollout_analyzer.domain.istio_spec import Istio
from wavegate.rollout_analyzer.domain.replica_counts import Counts, basic_counts, closest_counts, routed_counts
from wavegate.rollout_analyzer.domain.replica_sets import ReplicaSet, Sets
from wavegate.rollout_analyzer.domain.rollout_spec import Canary, RolloutSpec


def spec(
    replicas: int, surge: int = 1, unavailable: int = 0, *, routed: bool = False, min_pods: int = 1
) -> RolloutSpec:
    istio = Istio(()) if routed else None
    return RolloutSpec(replicas, {}, {}, Canary((), "c", "s", istio, surge, unavailable, min_pods=min_pods))


def sets(canary: tuple[int, int], stable: tuple[int, int], older: int = 0) -> Sets:
    """(replicas, available) of each."""
    new = ReplicaSet("new", "n", replicas=canary[0], available=canary[1])
    old = ReplicaSet("stable", "s", replicas=stable[0], available=stable[1])
    other = (ReplicaSet("older", "o", replicas=older, available=older),) if older else ()
    return Sets((new, old, *other), new, old)


@pytest.mark.parametrize(
    ("replicas", "weight", "surge", "expected"),
    [
        (10, 10, 1, (1, 9)),
        (10, 25, 0, (3, 7)),
        (10, 25, 1, (3, 8)),
        (3, 50, 0, (2, 1)),
        (3, 50, 1, (2, 2)),
        (1, 5, 1, (1, 1)),
        (1, 5, 0, (0, 1)),
        (1, 95, 0, (1, 0)),
        (2, 5, 0, (1, 1)),
        (10, 0, 1, (0, 10)),
        (10, 100, 1, (10, 0)),
        (0, 50, 1, (0, 0)),
        (5, 33, 0, (2, 3)),
        (5, 33, 1, (2, 4)),
    ],
)
def test_the_closest_share_is_chosen(replicas: int, weight: int, surge: int, expected: tuple[int, int]) -> None:
    assert closest_counts(replicas, weight, surge) == Counts(*expected)


@pytest.mark.parametrize(
    ("limits", "weight", "canary", "stable", "older", "expected"),
    [
        # replicas, surge, unavailable
        ((10, 1, 1), 10, (0, 0), (10, 10), 0, (1, 9)),
        ((10, 3, 0), 30, (0, 0), (10, 10), 0, (3, 10)),
        ((10, 0, 5), 30, (0, 0), (10, 10), 0, (0, 7)),
        ((10, 0, 5), 30, (0, 0), (7, 7), 0, (3, 7)),
        ((10, 1, 0), 5, (0, 0), (10, 10), 0, (1, 10)),
        ((10, 1, 0), 5, (1, 1), (10, 10), 0, (1, 10)),
        ((1, 1, 0), 5, (0, 0), (1, 1), 0, (1, 1)),
        ((1, 1, 0), 95, (0, 0), (1, 1), 0, (1, 1)),
        ((4, 1, 0), 50, (1, 0), (4, 4), 0, (1, 4)),
        ((4, 1, 0), 50, (1, 1), (4, 4), 0, (1, 3)),
        ((4, 1, 0), 0, (2, 2), (2, 2), 0, (2, 3)),
        ((4, 1, 0), 0, (2, 0), (2, 2), 0, (2, 3)),
        ((4, 1, 1), 50, (1, 0), (4, 4), 2, (1, 4)),
    ],
)
def test_basic_counts_take_the_step_that_surge_and_availability_allow(
    limits: tuple[int, int, int],
    weight: int,
    canary: tuple[int, int],
    stable: tuple[int, int],
    older: int,
    expected: tuple[int, int],
) -> None:
    assert basic_counts(spec(*limits), weight, sets(canary, stable, older)) == Counts(*expected)


@given(
    replicas=st.integers(1, 20),
    surge=st.integers(0, 5),
    unavailable=st.integers(0, 5),
    weight=st.integers(0, 100),
    start=st.integers(0, 20),
)
def test_basic_counts_reach_their_goal_within_the_limits(
    replicas: int, surge: int, unavailable: int, weight: int, start: int
) -> None:
    if surge == 0 and unavailable == 0:
        unavailable = 1
    unavailable = min(unavailable, replicas)
    asked = spec(replicas, surge, unavailable)
    canary, stable = min(start, replicas), replicas - min(start, replicas)
    for _ in range(100):
        following = basic_counts(asked, weight, sets((canary, canary), (stable, stable)))
        if following == Counts(canary, stable):
            break
        canary, stable = following.canary, following.stable
        assert canary + stable <= replicas + max(surge, 1)
        assert canary + stable >= replicas - unavailable
    goal = closest_counts(replicas, weight, surge)
    assert canary == goal.canary
    assert stable >= goal.stable


def test_the_first_deploy_wants_everything() -> None:
    new = ReplicaSet("new", "n")
    assert basic_counts(spec(5), 100, Sets((new,), new, None)) == Counts(5, 0)


@pytest.mark.parametrize(("weight", "expected"), [(0, 0), (1, 1), (10, 1), (30, 2), (50, 2), (51, 3), (100, 4)])
def test_with_a_router_the_stable_side_stays_whole(weight: int, expected: int) -> None:
    assert routed_counts(spec(4, routed=True), weight) == Counts(expected, 4)


def test_min_pods_hold_unless_there_is_nothing_to_send() -> None:
    assert routed_counts(spec(4, routed=True, min_pods=2), 10) == Counts(2, 4)
    assert routed_counts(spec(4, routed=True, min_pods=2), 0) == Counts(0, 4)
