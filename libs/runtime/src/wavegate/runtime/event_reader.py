"""Reading the public event stream, from the past and live, as an observer of the bus does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import nats.errors
from nats.js import JetStreamContext, api

from wavegate.contracts import access, streams
from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.contracts.subjects import encode_token
from wavegate.runtime import bus

EVERYTHING = "wavegate.>"
CONNECT_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class ReadEvent:
    """One event as it lies in the stream. `data` is its JSON; `sequence` its place in the stream."""

    sequence: int
    subject: str
    id: str
    type: str
    time: datetime | None
    cause: str | None
    traceparent: str | None
    data: dict[str, Any]

    @property
    def name(self) -> str:
        """Return the event's name, such as `SyncSucceeded`."""
        return self.subject.rsplit(".", 1)[-1]


def about(name: str) -> str:
    """Return the subject filter for every event of objects of a name, in any namespace."""
    return f"wavegate.*.*.{encode_token(name)}.>"


class EventReader:
    """Reads the event stream."""

    def __init__(self, jetstream: JetStreamContext) -> None:
        self._jetstream = jetstream

    async def read(
        self, subject: str = EVERYTHING, *, follow: bool = False, since: datetime | None = None, new_only: bool = False
    ) -> AsyncIterator[ReadEvent]:
        """Yield events in order; without `follow` it ends at the event that is last when reading begins.

        `since` starts at a time; `new_only` at the next event to come.
        """
        last = (await self._jetstream.stream_info(streams.EVENTS.name)).state.last_seq
        if not follow and (last == 0 or new_only):
            return
        subscription = await self._jetstream.subscribe(
            subject, stream=streams.EVENTS.name, ordered_consumer=True, config=_start(since, new_only=new_only)
        )
        try:
            while True:
                try:
                    message = await subscription.next_msg(timeout=1.0)
                except nats.errors.TimeoutError:
                    if not follow:
                        return
                    continue
                event = _read(message)
                yield event
                if not follow and event.sequence >= last:
                    return
        finally:
            await subscription.unsubscribe()


def _start(since: datetime | None, *, new_only: bool) -> api.ConsumerConfig:
    if since is not None:
        return api.ConsumerConfig(deliver_policy=api.DeliverPolicy.BY_START_TIME, opt_start_time=since)
    return api.ConsumerConfig(deliver_policy=api.DeliverPolicy.NEW if new_only else api.DeliverPolicy.ALL)


def _read(message: Any) -> ReadEvent:
    headers = {name.lower(): value for name, value in (message.headers or {}).items()}
    return ReadEvent(
        sequence=message.metadata.sequence.stream,
        subject=message.subject,
        id=headers.get("ce-id", ""),
        type=headers.get("ce-type", ""),
        time=datetime.fromisoformat(headers["ce-time"]) if "ce-time" in headers else None,
        cause=headers.get("ce-causationid"),
        traceparent=headers.get("traceparent"),
        data=json.loads(message.data),
    )


@asynccontextmanager
async def opened(url: str, nkey_file: Path | None, ca_file: Path | None = None) -> AsyncIterator[EventReader]:
    """Connect as the observer.

    Raises:
        RetryLater: `BusUnavailable`: the bus cannot be reached, refuses the key, or has no streams.
    """
    connection = bus.broker(access.OBSERVER, url, nkey_file, ca_file)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            client = await connection.connect()
        yield EventReader(client.jetstream(timeout=bus.PUBLISH_TIMEOUT))
    except (nats.errors.Error, OSError) as error:
        raise RetryLater(Reason.BUS_UNAVAILABLE, f"reading events: {type(error).__name__}") from error
    finally:
        await connection.stop()
