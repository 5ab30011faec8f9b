"""What is owed about one object: the ledger's decision.

Taken in this order, each step on what the one before left:

1. settle: record what the last deliveries gave;
2. reconsider: what failed under another configuration gets a new chance;
3. forget: where a condition without `oncePer` turned false, it may fire again;
4. intend: what is triggered and not known is owed from now on;
5. dispatch: for each destination, the oldest message owed goes first, and alone.

An intention is recorded before its destination is called, so a crash loses nothing; a message in doubt is asked for
before it is sent again, so a crash doubles nothing where the destination can be asked.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wavegate.contracts.events import Emitted
from wavegate.contracts.identity import event_id
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Decision
from wavegate.contracts.references import ObjectRef
from wavegate.notifier.domain import adoption, announcing, compaction, retries
from wavegate.notifier.domain.ledger import Entry, Ledger, Status
from wavegate.notifier.domain.messages import Message
from wavegate.notifier.domain.observation import (
    Accepted,
    Delivery,
    Observation,
    Outcome,
    Postponed,
    Refused,
    Unsendable,
)
from wavegate.notifier.domain.verdicts import Verdict

RESYNC = timedelta(seconds=60)
"""How often a condition that reads the clock is evaluated again (Argo CD's resync period)."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Entries after a step, and the events that it gave."""

    entries: tuple[Entry, ...]
    events: tuple[Emitted, ...] = ()


def starting(ledger: Ledger | None, observed: Observation, now: datetime) -> Ledger:
    """Return the ledger to decide on: the stored one, or a new one for an object seen for the first time.

    An object of the same name with another uid is another object.
    """
    if ledger is not None and ledger.uid == observed.object.uid:
        return ledger
    return Ledger(uid=observed.object.uid, entries=adoption.entries(observed.object.uid, observed.notified, now))


def wanted(ledger: Ledger, configuration: str, verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts that a message has to be made for."""
    known = ledger.model_copy(update={"entries": _reconsidered(ledger.entries, configuration)}).known_keys()
    return [verdict for verdict in verdicts if verdict.triggered and verdict.key not in known]


def decide(
    observed: Observation, ledger: Ledger | None, outcomes: Sequence[Outcome], now: datetime
) -> Decision[Ledger, Delivery]:
    """Decide what to record, what to send and when to look again."""
    book = starting(ledger, observed, now)
    settled = _settle(observed, book.entries, outcomes, now)
    reopened = _reopened(_reconsidered(settled.entries, observed.configuration), observed.configuration, now)
    remembered = _remembered(reopened, observed.verdicts)
    intended = _intend(observed, remembered, book.sequence, now)
    bounded = _bounded(observed, intended.entries)
    entries, deliveries = _dispatched(bounded.entries, now)
    problems = [one for one in observed.problems if one not in book.problems]
    state = Ledger(
        uid=book.uid,
        sequence=book.sequence + len(observed.messages) + len(problems),
        entries=compaction.compacted(entries, {verdict.key for verdict in observed.verdicts}),
        problems=observed.problems,
        heard=compaction.heard(book.heard, observed.heard),
    )
    said = tuple(announcing.problem(observed.object, one, state.sequence, observed.origin) for one in problems)
    return Decision(
        state=state if (ledger is not None or state.entries or state.problems or state.heard) else None,
        actions=deliveries,
        events=(*settled.events, *intended.events, *bounded.events, *said),
        wake_at=_wake_at(entries, observed.verdicts, now),
    )


def _settle(observed: Observation, entries: tuple[Entry, ...], outcomes: Sequence[Outcome], now: datetime) -> _Step:
    by_entry = {outcome.entry: outcome for outcome in outcomes}
    results = [
        _settled(observed, entry, by_entry[entry.id], now) if entry.id in by_entry else (entry, None)
        for entry in entries
    ]
    return _Step(tuple(entry for entry, _ in results), tuple(event for _, event in results if event))


def _settled(observed: Observation, entry: Entry, outcome: Outcome, now: datetime) -> tuple[Entry, Emitted | None]:
    match outcome:
        case Accepted(receipt=receipt):
            done = entry.model_copy(
                update={
                    "status": Status.DELIVERED,
                    "receipt": receipt,
                    "message": None,
                    "doubt": False,
                    "reason": None,
                    "detail": "",
                    "next_attempt_at": None,
                    "finished_at": now,
                }
            )
            text = entry.message.headline if entry.message else ""
            return done, announcing.delivered(observed.object, done, text)
        case Refused(reason=reason, detail=detail):
            return _given_up(observed.object, entry, reason, detail, observed.configuration)
        case Postponed() if outcome.asked and retries.given_up(entry.intended_at, now):
            return _given_up(observed.object, entry, outcome.reason, outcome.detail, observed.configuration)
        case Postponed():
            return _postponed(observed.object, entry, outcome, now)


def _given_up(about: ObjectRef, entry: Entry, reason: Reason, detail: str, configuration: str) -> tuple[Entry, Emitted]:
    failed = entry.model_copy(
        update={
            "status": Status.FAILED,
            "reason": reason,
            "detail": detail[: announcing.MAX_DETAIL],
            "configuration": configuration,
            "next_attempt_at": None,
        }
    )
    return failed, announcing.failed(about, failed, reason, detail, final=True)


def _postponed(about: ObjectRef, entry: Entry, outcome: Postponed, now: datetime) -> tuple[Entry, Emitted | None]:
    attempt = entry.attempt if outcome.asked else entry.attempt - 1
    waiting = entry.model_copy(
        update={
            "status": Status.INTENDED,
            "attempt": attempt,
            "doubt": entry.doubt or outcome.doubt,
            "reason": outcome.reason,
            "detail": outcome.detail[: announcing.MAX_DETAIL],
            "next_attempt_at": retries.next_attempt(attempt, outcome.after_seconds, now),
        }
    )
    if not outcome.asked:
        return waiting, None
    return waiting, announcing.failed(about, waiting, outcome.reason, outcome.detail, final=False)


def _reconsidered(entries: tuple[Entry, ...], configuration: str) -> tuple[Entry, ...]:
    """Leave out what failed under another configuration before a message could be made: it is judged afresh."""
    return tuple(
        entry
        for entry in entries
        if entry.status is not Status.FAILED or entry.message is not None or entry.configuration == configuration
    )


def _reopened(entries: tuple[Entry, ...], configuration: str, now: datetime) -> tuple[Entry, ...]:
    """Owe again what a destination refused under another configuration, unless it is too old to be told."""

    def reopened(entry: Entry) -> Entry:
        if entry.status is not Status.FAILED or entry.configuration == configuration:
            return entry
        if retries.given_up(entry.intended_at, now):
            return entry
        return entry.model_copy(update={"status": Status.INTENDED, "reason": None, "detail": "", "configuration": ""})

    return tuple(reopened(entry) for entry in entries)


def _remembered(entries: tuple[Entry, ...], verdicts: Sequence[Verdict]) -> tuple[Entry, ...]:
    untriggered = {verdict.key for verdict in verdicts if verdict.triggered is False}
    kept = [
        entry.model_copy(update={"forgotten": True}) if entry.key in untriggered and not entry.once else entry
        for entry in entries
    ]
    return tuple(entry for entry in kept if entry.owed or not entry.forgotten)


def _intend(observed: Observation, entries: tuple[Entry, ...], sequence: int, now: datetime) -> _Step:
    known = {entry.key for entry in entries if not entry.forgotten}
    fresh = [verdict for verdict in observed.verdicts if verdict.key in observed.messages and verdict.key not in known]
    results = [_intended(observed, verdict, sequence + number, now) for number, verdict in enumerate(fresh, start=1)]
    return _Step(
        (*entries, *(entry for entry, _ in results)), tuple(event for _, events in results for event in events)
    )


def _intended(
    observed: Observation, verdict: Verdict, sequence: int, now: datetime
) -> tuple[Entry, tuple[Emitted, ...]]:
    origin, made = observed.origin, observed.messages[verdict.key]
    entry = Entry(
        id=event_id("notification", observed.object.uid or observed.object.key, f"{verdict.key}#{sequence}"),
        key=verdict.key,
        trigger=verdict.trigger,
        service=verdict.destination.service,
        recipient=verdict.destination.recipient,
        once=bool(verdict.once_per),
        intended_at=now,
        cause=origin.cause,
        traceparent=origin.traceparent,
        commits=origin.commits,
        intent=origin.intent,
    )
    if isinstance(made, Unsendable):
        failed, event = _given_up(observed.object, entry, made.reason, made.detail, observed.configuration)
        return failed, (event,)
    owed = entry.model_copy(
        update={"message": made, "digest": made.digest, "group": made.fields.get("groupingKey", "")}
    )
    return owed, (announcing.intended(observed.object, owed),)


def _bounded(observed: Observation, entries: tuple[Entry, ...]) -> _Step:
    """Give up, by name, the oldest of too many messages that wait: they have to fit into one object."""
    excess = {entry.id for entry in compaction.excess_owed(entries)}
    detail = f"more than {compaction.OWED_LIMIT} newer messages wait for their destination"
    results = [
        _given_up(observed.object, entry, Reason.DESTINATION_UNAVAILABLE, detail, observed.configuration)
        if entry.id in excess
        else (entry, None)
        for entry in entries
    ]
    dropped = tuple(entry.model_copy(update={"message": None}) if event else entry for entry, event in results)
    return _Step(dropped, tuple(event for _, event in results if event))


def _dispatched(entries: tuple[Entry, ...], now: datetime) -> tuple[tuple[Entry, ...], tuple[Delivery, ...]]:
    first: dict[object, Entry] = {}
    for entry in entries:
        if entry.owed:
            first.setdefault(entry.destination, entry)
    due = {entry.id for entry in first.values() if entry.next_attempt_at is None or entry.next_attempt_at <= now}
    deliveries = tuple(
        _delivery(entry, entry.message, entries) for entry in entries if entry.id in due and entry.message
    )
    return _each(entries, due, _sending), deliveries


def _sending(entry: Entry) -> Entry:
    return entry.model_copy(
        update={
            "status": Status.SENDING,
            "attempt": entry.attempt + 1,
            "doubt": entry.doubt or entry.status is Status.SENDING,
            "next_attempt_at": None,
        }
    )


def _delivery(entry: Entry, message: Message, entries: tuple[Entry, ...]) -> Delivery:
    opened = (
        earlier.receipt
        for earlier in entries
        if entry.group and earlier.group == entry.group and earlier.destination == entry.destination and earlier.receipt
    )
    return Delivery(
        entry=entry.id,
        destination=entry.destination,
        message=message,
        attempt=entry.attempt + 1,
        since=entry.intended_at,
        doubt=entry.doubt or entry.status is Status.SENDING,
        thread=next(opened, ""),
    )


def _each(entries: tuple[Entry, ...], ids: set[str], change: Callable[[Entry], Entry]) -> tuple[Entry, ...]:
    return tuple(change(entry) if entry.id in ids else entry for entry in entries)


def _wake_at(entries: tuple[Entry, ...], verdicts: Sequence[Verdict], now: datetime) -> datetime | None:
    due = [entry.next_attempt_at for entry in entries if entry.owed and entry.next_attempt_at]
    if any(verdict.timed for verdict in verdicts):
        due.append(now + RESYNC)
    return min(due, default=None)
