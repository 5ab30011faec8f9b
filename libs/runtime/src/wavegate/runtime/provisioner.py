"""The provisioner alone makes the streams, the bucket and the consumers, with its own key (architecture §9).

It makes them again within 5 s of their loss; then it says so, and every service rescans.
Run as `python -m wavegate.runtime.provisioner`.
"""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import suppress

import nats.errors
import structlog
from nats.js import JetStreamContext, api
from nats.js.errors import APIError, NotFoundError

from wavegate.contracts import access, streams
from wavegate.contracts.events import Emitted
from wavegate.contracts.failures import RetryLater
from wavegate.contracts.platform import StreamsRecreated
from wavegate.contracts.subjects import event_subject
from wavegate.runtime import bus, envelope, outbox
from wavegate.runtime.clock import Clock, SystemClock
from wavegate.runtime.outbox import Publisher
from wavegate.runtime.settings import ServiceSettings
from wavegate.runtime.telemetry import configure_logging

CHECK_INTERVAL = 2.0

log = structlog.get_logger()


def _stream_config(stream: streams.Stream) -> api.StreamConfig:
    return api.StreamConfig(
        name=stream.name,
        subjects=list(stream.subjects),
        retention=api.RetentionPolicy.WORK_QUEUE if stream.work_queue else api.RetentionPolicy.LIMITS,
        discard=api.DiscardPolicy.NEW if stream.discard_new else api.DiscardPolicy.OLD,
        max_age=stream.max_age,
        max_bytes=stream.max_bytes,
        storage=api.StorageType.FILE,
        duplicate_window=streams.DUPLICATE_WINDOW,
        max_msg_size=envelope.MAX_BYTES,
        allow_direct=True,
    )


def _bucket_config() -> api.StreamConfig:
    """The stream that an object-store bucket is (NATS ADR-20)."""
    name = streams.BUNDLES
    return api.StreamConfig(
        name=f"OBJ_{name}",
        subjects=[f"$O.{name}.C.>", f"$O.{name}.M.>"],
        discard=api.DiscardPolicy.NEW,
        allow_rollup_hdrs=True,
        allow_direct=True,
        max_bytes=streams.BUNDLES_MAX_BYTES,
        storage=api.StorageType.FILE,
    )


def _consumer_config(consumer: streams.Consumer) -> api.ConsumerConfig:
    return api.ConsumerConfig(
        durable_name=consumer.name,
        filter_subject=consumer.filter_subject,
        ack_policy=api.AckPolicy.EXPLICIT,
        ack_wait=consumer.ack_wait,
        max_deliver=consumer.max_deliver,
        max_ack_pending=consumer.max_ack_pending,
    )


async def provision(jetstream: JetStreamContext) -> tuple[str, ...]:
    """Make what is missing; return the names of the streams that were."""
    made = await _make_streams(jetstream)
    await _make_consumers(jetstream)
    return made


async def _make_streams(jetstream: JetStreamContext) -> tuple[str, ...]:
    made = []
    for config in (*map(_stream_config, streams.STREAMS), _bucket_config()):
        try:
            await jetstream.stream_info(config.name or "")
        except NotFoundError:
            await jetstream.add_stream(config)
            made.append(config.name or "")
    return tuple(made)


async def _make_consumers(jetstream: JetStreamContext) -> None:
    for consumer in streams.CONSUMERS:
        try:
            await jetstream.consumer_info(streams.WORK.name, consumer.name)
        except NotFoundError:
            await jetstream.add_consumer(streams.WORK.name, _consumer_config(consumer))


async def is_announced(jetstream: JetStreamContext) -> bool:
    """Return whether the present streams were told of, as they tell themselves: who made them may have died before."""
    subject = event_subject(StreamsRecreated(service=access.PROVISIONER, streams=()))
    return bool((await jetstream.stream_info(streams.EVENTS.name, subjects_filter=subject)).state.subjects)


async def announce(connection: Publisher, clock: Clock, made: Sequence[str]) -> None:
    """Tell everybody that streams are new.

    Raises:
        RetryLater: The bus did not take it.
    """
    event = StreamsRecreated(service=access.PROVISIONER, streams=tuple(made))
    entry = outbox.entry(Emitted(event, clock.now().isoformat()), clock.now())
    await connection.publish([entry])
    log.info("streams made", streams=made, subject=event_subject(event))


async def attend(jetstream: JetStreamContext, connection: Publisher, clock: Clock, owed: list[str]) -> None:
    """See to the streams once. `owed` keeps the names of new ones until everybody was told, whatever fails in between."""
    owed += await _make_streams(jetstream)
    await _make_consumers(jetstream)
    if owed or not await is_announced(jetstream):
        await announce(connection, clock, owed)
        owed.clear()


async def run(settings: ServiceSettings) -> None:
    """Keep the streams until cancelled."""
    clock = SystemClock()
    broker = bus.broker(access.PROVISIONER, settings.nats_url, settings.nats_nkey_file, settings.nats_ca_file)
    connection = bus.Bus(access.PROVISIONER, broker, clock)
    await connection.start()
    owed: list[str] = []
    try:
        while True:
            try:
                await attend(await connection.jetstream(), connection, clock, owed)
            except (nats.errors.Error, APIError, RetryLater, TimeoutError, OSError) as error:
                log.warning("bus not ready", error=type(error).__name__)
            await clock.sleep(CHECK_INTERVAL)
    finally:
        await connection.stop()


async def _main() -> None:
    settings = ServiceSettings()
    configure_logging(access.PROVISIONER, settings.log_level)
    task = asyncio.ensure_future(run(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    asyncio.run(_main())
