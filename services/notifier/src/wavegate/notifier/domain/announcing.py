"""The events about messages. They say what was said and to whom, never with which credential."""

from wavegate.contracts.events import Emitted
from wavegate.contracts.identity import digest
from wavegate.contracts.notification import NotificationDelivered, NotificationFailed, NotificationIntended
from wavegate.contracts.reasons import Reason
from wavegate.contracts.references import ObjectRef
from wavegate.notifier.domain.ledger import Entry
from wavegate.notifier.domain.observation import Origin
from wavegate.notifier.domain.verdicts import Problem

MAX_DETAIL = 1_000


def intended(about: ObjectRef, entry: Entry) -> Emitted:
    """Say that a message is owed."""
    event = NotificationIntended(
        object=about,
        key=entry.key,
        trigger=entry.trigger,
        service=entry.service,
        recipient=entry.recipient,
        commits=entry.commits,
        intent=entry.intent,
    )
    return Emitted(event, entry.id, entry.cause, entry.traceparent)


def delivered(about: ObjectRef, entry: Entry, text: str) -> Emitted:
    """Say that the destination has the message, and what it reads."""
    event = NotificationDelivered(
        object=about,
        key=entry.key,
        trigger=entry.trigger,
        service=entry.service,
        recipient=entry.recipient,
        commits=entry.commits,
        intent=entry.intent,
        attempt=entry.attempt,
        receipt=entry.receipt,
        text=text,
    )
    return Emitted(event, f"{entry.id}#{entry.attempt}", entry.cause, entry.traceparent)


def failed(about: ObjectRef, entry: Entry, reason: Reason, detail: str, *, final: bool) -> Emitted:
    """Say that an attempt failed, and whether another follows by itself."""
    event = NotificationFailed(
        object=about,
        key=entry.key,
        trigger=entry.trigger,
        service=entry.service,
        recipient=entry.recipient,
        commits=entry.commits,
        intent=entry.intent,
        attempt=entry.attempt,
        reason=reason,
        detail=detail[:MAX_DETAIL],
        final=final,
    )
    return Emitted(event, f"{entry.id}#{entry.attempt}#{reason}#{final}", entry.cause, entry.traceparent)


def problem(about: ObjectRef, found: Problem, sequence: int, origin: Origin) -> Emitted:
    """Say that a subscription or trigger cannot do what it says. It may once the configuration is mended."""
    event = NotificationFailed(
        object=about,
        key=found.trigger,
        trigger=found.trigger,
        service="",
        recipient="",
        commits=origin.commits,
        intent=origin.intent,
        attempt=0,
        reason=found.reason,
        detail=found.detail[:MAX_DETAIL],
        final=False,
    )
    return Emitted(event, f"{sequence}#{digest(found.to_json())}", origin.cause, origin.traceparent)
