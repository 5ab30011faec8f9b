"""What an HTTP answer of a destination means for the message, where it means the same for all of them."""

from collections.abc import Iterable

from wavegate.contracts.failures import Failure, RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.egress import EgressResponse
from wavegate.notifier.domain.observation import Outcome, Postponed, Refused

_TRY_AGAIN = frozenset({408, 425, 429})
_MAX_DETAIL = 300


def not_reached(entry: str, failure: Failure) -> Outcome:
    """Return the outcome of a request that the gate could not complete; it may have arrived all the same."""
    if isinstance(failure, RetryLater):
        return Postponed(entry, failure.reason, failure.message, doubt=True)
    return Refused(entry, failure.reason, failure.message)


def busy(entry: str, response: EgressResponse) -> Postponed | None:
    """Return the outcome of an answer that says "later" (429, 408, 5xx), None for any other."""
    if response.status in _TRY_AGAIN or response.status >= 500:
        doubt = response.status >= 500 or response.status == 408
        return Postponed(
            entry, Reason.DESTINATION_UNAVAILABLE, f"HTTP {response.status}", retry_after(response), doubt=doubt
        )
    return None


def retry_after(response: EgressResponse) -> float:
    """Return the header's seconds; its date form, which neither Slack nor PagerDuty sends, counts as 30."""
    value = response.headers.get("retry-after", "")
    try:
        return max(0.0, float(value)) if value else 0.0
    except ValueError:
        return 30.0


def refused(entry: str, detail: str, credentials: Iterable[str] = ()) -> Refused:
    """Return a refusal with the destination's own words, bounded, without the credentials that it may repeat."""
    for credential in credentials:
        if credential:
            detail = detail.replace(credential, "***")
    return Refused(entry, Reason.DESTINATION_REFUSED, detail[:_MAX_DETAIL])


def unusable(entry: str, detail: str) -> Refused:
    """Return the refusal of a service that is configured in a way that cannot work."""
    return Refused(entry, Reason.SERVICE_NOT_CONFIGURED, detail)
