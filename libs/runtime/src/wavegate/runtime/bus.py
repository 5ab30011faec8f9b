"""The bus for a service: publish what the outbox owes, consume the service's own work (architecture §2, §9).

The delivery policy stands here and nowhere else: success → ack; `RetryLater` → nak with its delay; `Rejected` → dead letter,
then term; anything else → nak with a growing delay; at the last delivery → dead letter, then term. JetStream goes silent
after `max_deliver`, so the dead letter is ours.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nats.errors
import structlog
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from faststream.nats.security import NatsNKey, NatsSecurity
from nats.js import JetStreamContext

from wavegate.contracts import access, streams, subjects
from wavegate.contracts.events import Emitted
from wavegate.contracts.failures import Failure, Rejected, RetryLater
from wavegate.contracts.platform import DeadLettered
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import OutboxEntry
from wavegate.contracts.routing import BY_TYPE
from wavegate.runtime import envelope, outbox
from wavegate.runtime.clock import Clock
from wavegate.runtime.reconcile_loop import Ticket

PUBLISH_TIMEOUT = 5.0
HEARTBEAT = 10.0
PULL_TIMEOUT = 5.0  # how long a pull may hang after the streams were lost and made again
NAK_FIRST, NAK_LAST = 1.0, 30.0
RECREATED = "wavegate.platform.*.*.StreamsRecreated"

log = structlog.get_logger()


def broker(user: str, url: str, nkey_file: Path | None, ca_file: Path | None) -> NatsBroker:
    """Return a broker that connects as one user of the bus: its own key, its own inbox, TLS verified where there is a CA."""
    return NatsBroker(
        url,
        name=f"wavegate-{user}",
        inbox_prefix=access.inbox_prefix(user),
        security=_security(nkey_file, ca_file),
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        apply_types=False,
        logger=None,
    )


def _security(nkey_file: Path | None, ca_file: Path | None) -> NatsSecurity | None:
    context = ssl.create_default_context(cafile=str(ca_file)) if ca_file else None
    if nkey_file is not None:
        return NatsNKey.from_file(str(nkey_file), ssl_context=context)
    return NatsSecurity(ssl_context=context) if context else None


class Bus:
    """One service's connection."""

    def __init__(self, service: str, connection: NatsBroker, clock: Clock) -> None:
        self.service = service
        self._broker = connection
        self._clock = clock
        self._in_flight: set[NatsMessage] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def consume(self, deliver: Callable[[Ticket], None]) -> None:
        """Hand every message of this service's work to `deliver`; to be called before `start`.

        `deliver` returns at once; the message is acknowledged when its ticket is finished.

        """
        subscriber = self._broker.subscriber(
            f"wavegate.work.{self.service}.>",
            stream=JStream(streams.WORK.name, declare=False),
            durable=self.service,
            pull_sub=PullSub(batch_size=1, timeout=PULL_TIMEOUT),
            inbox_prefix=f"{access.inbox_prefix(self.service)}.".encode(),
            ack_policy=AckPolicy.MANUAL,
            decoder=_undecoded,
        )

        @subscriber
        async def receive(message: NatsMessage) -> None:
            await self._receive(message, deliver)

    def on_streams_recreated(self, rescan: Callable[[], None]) -> None:
        """Call `rescan` when the bus lost its streams and has them again; to be called before `start`."""

        @self._broker.subscriber(RECREATED, decoder=_undecoded, no_reply=True)
        async def receive(_: NatsMessage) -> None:
            rescan()

    async def start(self) -> None:
        """Connect and begin to consume."""
        await self._broker.start()
        self._spawn(self._heartbeat())

    async def stop(self) -> None:
        """Stop consuming and disconnect; what is not acknowledged comes again."""
        for task in list(self._tasks):
            task.cancel()
        await self._broker.stop()

    async def jetstream(self) -> JetStreamContext:
        """Return the JetStream context, for the object store."""
        return (await self._broker.connect()).jetstream(timeout=PUBLISH_TIMEOUT)

    async def publish(self, entries: Sequence[OutboxEntry]) -> None:
        """Publish entries in order: to the public stream, and to each service that acts on them.

        Raises:
            RetryLater: BUS_UNAVAILABLE.
        """
        with _unavailable_by_name():
            for entry in entries:
                if BY_TYPE[entry.type].public:
                    subject, headers = subjects.event_subject(envelope.message(entry)), self._headers(entry)
                    await self._send(subject, envelope.body(entry), headers, streams.EVENTS.name)
                await self._hand_out(entry)

    async def repeat(self, entries: Sequence[OutboxEntry]) -> None:
        """Hand entries once more to each service that acts on them; the public stream is not told twice.

        The event's own id stays; the bus is given another, for it would take the repetition for a duplicate.

        Raises:
            RetryLater: BUS_UNAVAILABLE.
        """
        occasion = f":{self._clock.now().timestamp():.0f}"
        with _unavailable_by_name():
            for entry in entries:
                await self._hand_out(entry, occasion)

    async def _hand_out(self, entry: OutboxEntry, occasion: str = "") -> None:
        message, body = envelope.message(entry), envelope.body(entry)
        for worker in BY_TYPE[entry.type].workers:
            own = {**self._headers(entry), "Nats-Msg-Id": f"{entry.id}:{worker}{occasion}"}
            await self._send(subjects.work_subject(worker, message), body, own, streams.WORK.name)

    def _headers(self, entry: OutboxEntry) -> dict[str, str]:
        return envelope.headers(entry, self.service)

    async def _send(self, subject: str, body: bytes, headers: dict[str, str], stream: str) -> None:
        await self._broker.publish(body, subject, headers=headers, stream=stream, timeout=PUBLISH_TIMEOUT)

    async def _receive(self, message: NatsMessage, deliver: Callable[[Ticket], None]) -> None:
        self._in_flight.add(message)

        def finished(failure: BaseException | None) -> None:
            self._spawn(self._conclude(message, failure))

        try:
            hint = envelope.decode(bytes(message.body), dict(message.headers or {}))
            deliver(Ticket(hint, finished))
        except Failure as failure:
            finished(failure)

    async def _conclude(self, message: NatsMessage, failure: BaseException | None) -> None:
        delivered = message.raw_message.metadata.num_delivered
        try:
            if failure is None:
                await message.ack()
            elif isinstance(failure, Rejected) or delivered >= streams.MAX_DELIVER:
                await self._bury(message, failure)
            else:
                await message.nack(delay=_nak_delay(failure, delivered))
        except (nats.errors.Error, TimeoutError, OSError, RetryLater) as error:
            log.warning("not concluded; it will be delivered again", error=type(error).__name__)
        finally:
            self._in_flight.discard(message)

    async def _bury(self, message: NatsMessage, failure: BaseException) -> None:
        """Keep the message in the dead-letter stream, say so as an event, and take it off the work."""
        headers = dict(message.headers or {})
        identity = headers.get("Nats-Msg-Id", "") or str(message.raw_message.metadata.sequence.stream)
        reason = failure.reason if isinstance(failure, Failure) else Reason.DELIVERIES_EXHAUSTED
        detail = failure.message if isinstance(failure, Failure) else type(failure).__name__
        subject = f"wavegate.dead.{self.service}.{subjects.encode_token(str(reason))}"
        kept = {**headers, "Nats-Msg-Id": f"dead:{identity}", "wavegate-subject": message.raw_message.subject}
        await self._send(subject, bytes(message.body), kept, streams.DEAD.name)
        event = DeadLettered(
            service=self.service,
            message_subject=message.raw_message.subject,
            message_id=identity,
            reason=reason,
            detail=detail,
        )
        await self.publish([outbox.entry(Emitted(event, f"{identity}:dead"), self._clock.now())])
        await message.reject()

    async def _heartbeat(self) -> None:
        """Tell the bus that held messages are being worked on, so that they are not delivered twice."""
        while True:
            await self._clock.sleep(HEARTBEAT)
            for message in list(self._in_flight):
                try:
                    await message.in_progress()
                except (nats.errors.Error, TimeoutError, OSError) as error:
                    log.warning("heartbeat failed", error=type(error).__name__)

    def _spawn(self, coroutine: Any) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@contextmanager
def _unavailable_by_name() -> Iterator[None]:
    try:
        yield
    except (nats.errors.Error, TimeoutError, OSError) as error:
        raise RetryLater(Reason.BUS_UNAVAILABLE, f"publishing: {type(error).__name__}", 2.0) from error


async def _undecoded(message: NatsMessage) -> NatsMessage:
    return message


def _nak_delay(failure: BaseException, delivered: int) -> float:
    if isinstance(failure, RetryLater):
        return min(failure.after_seconds, NAK_LAST)
    return min(NAK_LAST, NAK_FIRST * float(1 << min(delivered, 10)))
