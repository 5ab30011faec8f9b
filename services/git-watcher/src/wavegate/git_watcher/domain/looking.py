"""When to look at a repository again."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from wavegate.contracts.repository_state import RepositoryState, StateFailure
from wavegate.git_watcher.domain.observed import Observed
from wavegate.git_watcher.domain.tips import REGRESSION_CONFIRMED_AFTER

JUDGE_AFTER = timedelta(seconds=5)
LAG_AFTER = timedelta(seconds=2)
BACKOFF_FIRST = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Polling:
    """How often a repository is asked when nothing else makes us look: `interval`, plus up to `jitter`."""

    interval: timedelta = timedelta(seconds=120)
    jitter: timedelta = timedelta(seconds=60)


def wake_at(observed: Observed, state: RepositoryState, polling: Polling, now: datetime) -> datetime:
    """Return the earliest time at which looking again could matter."""
    times = [now + polling.interval + polling.jitter * _fraction(observed.repository, now)]
    if state.failure is not None:
        times.append(now + backoff(state.failure, polling, now))
    for entry in state.refs.values():
        if entry.regressed is not None:
            times.append(max(entry.regressed.since + REGRESSION_CONFIRMED_AFTER, now + LAG_AFTER))
        if entry.unjudged and entry.observed_at is not None and now < entry.observed_at + JUDGE_AFTER:
            times.append(entry.observed_at + JUDGE_AFTER)
    if _is_behind_a_push(observed, state):
        times.append(now + LAG_AFTER)
    return min(times)


def backoff(failure: StateFailure, polling: Polling, now: datetime) -> timedelta:
    """Return how long to leave a failing repository alone: as long as it has failed, from 5 s to the polling interval."""
    return min(max(BACKOFF_FIRST, now - failure.since), polling.interval)


def _is_behind_a_push(observed: Observed, state: RepositoryState) -> bool:
    """Return whether a webhook told of a tip that the server does not show yet: servers lag behind their own webhooks."""
    tips = {entry.name: entry.sha for entry in state.refs.values()}
    return any(push.after and tips.get(push.ref, push.after) != push.after for push in observed.pushes)


def _fraction(repository: str, now: datetime) -> float:
    """Spread polls: a number from 0 to 1 that differs by repository and time."""
    seed = hashlib.sha256(f"{repository}{now.isoformat()}".encode()).digest()
    return int.from_bytes(seed[:4], "big") / (1 << 32)
