"""Taking over from argocd-notifications: what its annotation says was sent is not sent again."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wavegate.contracts.identity import event_id
from wavegate.notifier.domain.ledger import Entry, Status

ANNOTATION = "notified.notifications.argoproj.io"
LIMIT = 100
"""Argo keeps as many; more is not Argo's."""

_KEY = re.compile(
    r"^(?:(?P<once>.*):)?(?P<trigger>[^:]*):\[\d+\]\.[^:]*:(?P<service>[^:]*):(?P<recipient>.*)$", re.DOTALL
)


def notified(annotations: Mapping[str, str]) -> dict[str, Any]:
    """Return Argo's own record by key; a malformed one says nothing, as with Argo."""
    try:
        record = json.loads(annotations.get(ANNOTATION, "{}"))
    except ValueError:
        return {}
    return dict(list(record.items())[:LIMIT]) if isinstance(record, dict) else {}


def entries(uid: str, record: Mapping[str, Any], now: datetime) -> tuple[Entry, ...]:
    """Return the record as delivered entries."""
    return tuple(
        Entry(
            id=event_id("adopted", uid, key),
            key=key,
            trigger=match["trigger"],
            service=match["service"],
            recipient=match["recipient"],
            once=bool(match["once"]),
            status=Status.DELIVERED,
            intended_at=_at(seconds, now),
            finished_at=_at(seconds, now),
        )
        for key, seconds in record.items()
        if (match := _KEY.match(key))
    )


def _at(seconds: Any, now: datetime) -> datetime:
    if isinstance(seconds, int) and 0 <= seconds <= now.timestamp():
        return datetime.fromtimestamp(seconds, UTC)
    return now
