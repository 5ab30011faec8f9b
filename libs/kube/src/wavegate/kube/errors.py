"""The API server's refusals and failures, typed by what to do next.

`NotFound`, `AlreadyExists`, `Conflict` and `Gone` are answers that a caller expects and acts on. The others are failures in
the sense of `wavegate.contracts.failures`: left alone, they are retried or recorded as they say.
"""

from __future__ import annotations

from dataclasses import dataclass

from wavegate.contracts.failures import Rejected, RetryLater
from wavegate.contracts.reasons import Reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the API server said, free of secrets and cut to a bounded length.

    Attributes:
        status: HTTP status code; 0 when there was no answer.
        reason: the machine-readable word of the `Status` document, such as `AlreadyExists`; may be empty.
        message: for people, headed by what was asked.
        retry_after: seconds that the server asked to wait, None when it did not.
    """

    status: int
    reason: str
    message: str
    retry_after: float | None = None


class KubeError(Exception):
    """A call that the API server did not carry out."""

    refusal: Refusal


class ExpectedAnswer(KubeError):
    """A negative answer that callers act on; not a failure by itself."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class NotFound(ExpectedAnswer):
    """The object does not exist."""


class AlreadyExists(ExpectedAnswer):
    """An object of this name exists."""


class Conflict(ExpectedAnswer):
    """The object is not at the expected version or identity, or a field has another manager: look again."""


class Gone(ExpectedAnswer):
    """The resource version is no longer kept: list again."""


class RefusedCall(KubeError, Rejected):
    """The call cannot succeed without a change."""

    why = Reason.API_REFUSED

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(self.why, refusal.message)
        self.refusal = refusal


class Invalid(RefusedCall):
    """The API server or an admission hook refuses the object."""


class TooLarge(RefusedCall):
    """The object exceeds what the API server or its store takes."""

    why = Reason.OBJECT_TOO_LARGE


class Forbidden(RefusedCall):
    """Our identity may not do this, or a quota, or an admission hook forbids it."""

    why = Reason.API_FORBIDDEN


class UnknownKind(RefusedCall):
    """The cluster does not serve this type (yet)."""

    why = Reason.KIND_UNKNOWN


class FailedCall(KubeError, RetryLater):
    """The call may succeed later. A write may have been carried out nevertheless."""

    why = Reason.API_UNAVAILABLE
    after = 2.0

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(self.why, refusal.message, self.after if refusal.retry_after is None else refusal.retry_after)
        self.refusal = refusal


class TooManyRequests(FailedCall):
    """The API server sheds load, or a disruption budget holds an eviction back."""

    after = 5.0


class Unavailable(FailedCall):
    """No answer, too late an answer, or a server-side failure."""


class Unauthorized(FailedCall):
    """Our credentials are not accepted (any more)."""

    why = Reason.API_FORBIDDEN
    after = 30.0


_BY_REASON: dict[str, type[ExpectedAnswer | RefusedCall | FailedCall]] = {
    "NotFound": NotFound,
    "AlreadyExists": AlreadyExists,
    "Conflict": Conflict,
    "Gone": Gone,
    "Expired": Gone,
    "Invalid": Invalid,
    "Forbidden": Forbidden,
    "Unauthorized": Unauthorized,
    "TooManyRequests": TooManyRequests,
    "RequestEntityTooLarge": TooLarge,
}

_BY_STATUS: dict[int, type[ExpectedAnswer | RefusedCall | FailedCall]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    413: TooLarge,
    429: TooManyRequests,
}


def error_of(refusal: Refusal) -> ExpectedAnswer | RefusedCall | FailedCall:
    """The exception for an answer: its reason decides, then its status code."""
    known = _BY_REASON.get(refusal.reason) or _BY_STATUS.get(refusal.status)
    if known is not None:
        return known(refusal)
    return Invalid(refusal) if 400 <= refusal.status < 500 else Unavailable(refusal)
