"""The loop that feeds keys to `Reconciliation`: messages, watches and timers all end in one keyed queue (architecture §2)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic

import structlog

from wavegate.contracts.failures import Failure, Rejected, RetryLater
from wavegate.contracts.reconciling import Hint
from wavegate.runtime.keyed_queue import KeyedQueue
from wavegate.runtime.reconciliation import ActionT, ObservedT, Reconciliation, StateT
from wavegate.runtime.telemetry import Telemetry

BACKOFF_FIRST, BACKOFF_LAST = 0.2, 30.0
REFUSED_AGAIN = 60.0
"""Seconds until a key whose look was refused (a missing permission, a state that cannot be read) is looked at again."""

log = structlog.get_logger()


@dataclass(slots=True)
class Ticket:
    """A hint on its way: `finished` is called once, with None or the failure, when its look has ended."""

    hint: Hint
    finished: Callable[[BaseException | None], None]


class ReconcileLoop(Generic[ObservedT, StateT, ActionT]):
    """Works through keys: messages, watches and timers all end here."""

    def __init__(
        self,
        name: str,
        reconciliation: Reconciliation[ObservedT, StateT, ActionT],
        telemetry: Telemetry,
        workers: int = 8,
    ) -> None:
        self.name = name
        self._reconciliation = reconciliation
        self._clock = reconciliation.clock
        self._telemetry = telemetry
        self._workers = workers
        self._queue: KeyedQueue[Ticket] = KeyedQueue()
        self._failures: dict[str, int] = {}
        self._idle: set[asyncio.Future[None]] = set()
        self._timer_moved = asyncio.Event()

    def look(self, key: str) -> None:
        """Ask for a look at `key`, without a message."""
        self._queue.add(key)
        self._notify()

    def hint(self, key: str, ticket: Ticket) -> None:
        """Ask for a look at `key` because of a message."""
        self._queue.add(key, ticket)
        self._notify()

    def forget_published(self) -> None:
        """The bus lost what it had: at its next look, each key publishes again what its outbox still lists."""
        self._reconciliation.forget_published()

    def look_at(self, key: str, due: datetime) -> None:
        """Ask for a look at `key` at a time."""
        self._queue.wake_at(key, due)
        self._timer_moved.set()

    def look_by(self, key: str, due: datetime) -> None:
        """Ask for a look at `key` at a time, unless it wakes earlier anyway."""
        earlier = self._queue.due_time(key)
        if earlier is None or due < earlier:
            self.look_at(key, due)

    def _notify(self) -> None:
        """Let one idle worker look at the queue."""
        while self._idle:
            waiter = self._idle.pop()
            if not waiter.done():
                waiter.set_result(None)
                return

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._timer())
            for _ in range(self._workers):
                group.create_task(self._work())

    async def _timer(self) -> None:
        while True:
            for _ in range(self._queue.release_due(self._clock.now())):
                self._notify()
            due = self._queue.next_due()
            self._timer_moved.clear()
            waiting = asyncio.ensure_future(self._timer_moved.wait())
            sleeping = asyncio.ensure_future(
                self._clock.sleep(max(0.0, (due - self._clock.now()).total_seconds()) if due else 3600.0)
            )
            try:
                await asyncio.wait({waiting, sleeping}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiting.cancel()
                sleeping.cancel()

    async def _work(self) -> None:
        while True:
            while (taken := self._queue.take()) is None:
                waiter = asyncio.get_running_loop().create_future()
                self._idle.add(waiter)
                await waiter
            key, tickets = taken
            try:
                await self._attempt(key, tickets)
            finally:
                self._queue.give_back(key)
                self._notify()

    async def _attempt(self, key: str, tickets: list[Ticket]) -> None:
        self._queue.wake_at(key, None)  # this look says anew when it wants the next; whoever asks meanwhile is heard
        hints = [ticket.hint for ticket in tickets]
        context = next((hint.traceparent for hint in hints if hint.traceparent), None)
        failure: BaseException | None = None
        try:
            with self._telemetry.span(f"{self.name} reconcile", context, {"wavegate.key": key}):
                wake_at = await self._reconciliation.run(key, hints)
            self._failures.pop(key, None)
            if wake_at:
                self.look_by(key, wake_at)
        except Failure as error:
            failure = error
            self._retry(key, error)
        except Exception as error:  # noqa: BLE001 - a defect of ours: told with its traceback, tried again
            failure = error
            self._retry(key, error)
        for ticket in tickets:
            ticket.finished(failure)

    def _retry(self, key: str, error: Exception) -> None:
        count = self._failures[key] = self._failures.get(key, 0) + 1
        if isinstance(error, Rejected):
            # The message is done with, the key is not: nothing else may tell when what refuses it was mended.
            log.warning("rejected", loop=self.name, key=key, reason=error.reason, detail=error.message)
            self.look_by(key, self._clock.now() + timedelta(seconds=REFUSED_AGAIN))
            return
        delay = min(BACKOFF_LAST, BACKOFF_FIRST * 2 ** min(count, 10))
        if isinstance(error, RetryLater):
            delay = error.after_seconds
            log.info("retry later", loop=self.name, key=key, reason=error.reason, detail=error.message, delay=delay)
        else:
            log.error("look failed", loop=self.name, key=key, delay=delay, exc_info=error)
        self.look_by(key, self._clock.now() + timedelta(seconds=delay))
