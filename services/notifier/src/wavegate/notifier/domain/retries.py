"""When to try again, and when to stop."""

from datetime import datetime, timedelta

FIRST, LAST = timedelta(seconds=2), timedelta(minutes=5)
GIVE_UP_AFTER = timedelta(hours=24)
"""After this long a message says nothing new: it ends failed, by name."""


def next_attempt(attempt: int, asked_seconds: float, now: datetime) -> datetime:
    """Return when to try again after attempt number `attempt`: doubled each time, never before the destination asked."""
    pause = min(LAST, FIRST * (1 << min(max(attempt - 1, 0), 16)))
    return now + max(pause, timedelta(seconds=min(asked_seconds, GIVE_UP_AFTER.total_seconds())))


def given_up(intended_at: datetime, now: datetime) -> bool:
    """Tell whether a message is too old to be sent."""
    return now - intended_at >= GIVE_UP_AFTER
