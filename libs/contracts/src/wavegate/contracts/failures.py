"""Failures, typed by what to do next (style: source-controller's typed errors).

Anything that is neither of these two is a defect of ours: it is logged with its traceback and tried again.
"""

from wavegate.contracts.reasons import Reason


class Failure(Exception):
    """A failure with a reason from the closed list and a message for people, free of secrets."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message


class RetryLater(Failure):
    """The world is in the way; the same attempt may succeed after `after_seconds`."""

    def __init__(self, reason: Reason, message: str, after_seconds: float = 5.0) -> None:
        super().__init__(reason, message)
        self.after_seconds = after_seconds


class Rejected(Failure):
    """The input is in the way: trying again without a change cannot succeed."""
