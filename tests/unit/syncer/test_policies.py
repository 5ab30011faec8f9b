import pytest

from wavegate.syncer.domain.healing import wait_of
from wavegate.syncer.domain.policies import DEFAULT_RETRY, RetryPolicy, SyncPolicy, seconds


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5s", 5.0),
        ("1m30s", 90.0),
        ("1.5h", 5400.0),
        ("100ms", 0.1),
        ("7", 7.0),
        (7, 7.0),
        ("", 3.0),
        ("x", 3.0),
        (None, 3.0),
        (True, 3.0),
    ],
)
def test_go_durations(text: object, value: float) -> None:
    assert seconds(text, 3.0) == pytest.approx(value)


def test_automated_is_on_when_there_and_not_disabled() -> None:
    assert SyncPolicy.of({"automated": {}}).automated
    assert SyncPolicy.of({"automated": {"enabled": None}}).automated
    assert not SyncPolicy.of({"automated": {"enabled": False, "prune": True}}).automated
    assert SyncPolicy.of({"automated": {"enabled": False, "prune": True}}).prune
    assert not SyncPolicy.of({"automated": None}).automated
    assert not SyncPolicy.of({}).automated


def test_a_retry_block_without_limit_means_none() -> None:
    assert not RetryPolicy.of({}).allows(0)
    assert RetryPolicy.of({"limit": 2}).allows(1)
    assert not RetryPolicy.of({"limit": 2}).allows(2)
    assert RetryPolicy.of({"limit": -1}).allows(10_000)


def test_waits_double_up_to_the_longest() -> None:
    assert [DEFAULT_RETRY.delay(retries).total_seconds() for retries in range(7)] == [5, 10, 20, 40, 80, 160, 180]
    slow = RetryPolicy.of({"limit": 3, "backoff": {"duration": "1m", "factor": 3, "maxDuration": "5m"}})
    assert [slow.delay(retries).total_seconds() for retries in range(3)] == [60, 180, 300]
    assert DEFAULT_RETRY.delay(10_000).total_seconds() == 180


def test_healing_waits_grow_as_argo_cds() -> None:
    assert [wait_of(attempts).total_seconds() for attempts in range(8)] == [0, 2, 6, 18, 54, 162, 300, 300]
