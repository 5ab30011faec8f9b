"""The bus on a real nats-server with the generated allow-lists."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nats
import nats.errors
import pytest

from wavegate.contracts.application import ManifestsRendered
from wavegate.contracts.events import Emitted
from wavegate.contracts.failures import Rejected, RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import OutboxEntry
from wavegate.contracts.references import BundleRef, ObjectRef
from wavegate.runtime import bus, event_reader, outbox
from wavegate.runtime.bundles import NatsBundleStore
from wavegate.runtime.clock import SystemClock
from wavegate.runtime.reconcile_loop import Ticket

CLOCK = SystemClock()


def rendered(name: str, occurrence: str) -> OutboxEntry:
    message = ManifestsRendered(
        object=ObjectRef(namespace="argocd", name=name, uid=name),
        bundle=BundleRef(digest="d", size=1),
        objects=1,
        source_types=("Directory",),
        spec_digest="s",
        read_set="r",
    )
    return outbox.entry(Emitted(message, occurrence), CLOCK.now())


@asynccontextmanager
async def connected(server: Any, user: str, deliver: Callable[[Ticket], None] | None = None) -> AsyncIterator[bus.Bus]:
    connection = bus.Bus(user, bus.broker(user, server.nats_url, Path(server.seeds[user]), None), CLOCK)
    if deliver:
        connection.consume(deliver)
    await connection.start()
    try:
        yield connection
    finally:
        await connection.stop()


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_an_event_reaches_the_service_that_acts_on_it_once_however_often_it_is_published(
    provisioned: Any,
) -> None:
    got: list[Ticket] = []

    def deliver(ticket: Ticket) -> None:
        got.append(ticket)
        ticket.finished(None)

    async with connected(provisioned, "renderer") as renderer, connected(provisioned, "syncer", deliver):
        entry = rendered("once", "1")
        for _ in range(3):
            await renderer.publish([entry])
        await renderer.publish([rendered("once", "2")])
        await until(lambda: len(got) >= 2)

    assert next(ticket.hint.id for ticket in got) == entry.id
    assert len(got) == 2


async def test_a_repetition_reaches_the_worker_under_the_same_id_and_the_public_stream_not_again(
    provisioned: Any,
) -> None:
    got: list[Ticket] = []

    def deliver(ticket: Ticket) -> None:
        got.append(ticket)
        ticket.finished(None)

    async with connected(provisioned, "renderer") as renderer, connected(provisioned, "syncer", deliver):
        entry = rendered("repeated", "1")
        await renderer.publish([entry])
        await until(lambda: len(got) == 1)
        await renderer.repeat([entry])
        await until(lambda: len(got) == 2)
        async with event_reader.opened(provisioned.nats_url, Path(provisioned.seeds["observer"])) as reader:
            told = [one async for one in reader.read("wavegate.application.argocd.repeated.ManifestsRendered")]

    assert [ticket.hint.id for ticket in got] == [entry.id, entry.id]
    assert len(told) == 1


async def test_a_message_that_failed_for_now_comes_again_after_its_delay(provisioned: Any) -> None:
    got: list[Ticket] = []

    def deliver(ticket: Ticket) -> None:
        got.append(ticket)
        later = RetryLater(Reason.API_UNAVAILABLE, "not yet", after_seconds=0.2)
        ticket.finished(later if len(got) == 1 else None)

    async with connected(provisioned, "renderer") as renderer, connected(provisioned, "syncer", deliver):
        await renderer.publish([rendered("again", "1")])
        await until(lambda: len(got) == 2)


async def test_a_refused_message_lies_in_the_dead_letters_and_an_event_names_it(provisioned: Any) -> None:
    async with connected(provisioned, "renderer") as renderer:
        refused = Rejected(Reason.MESSAGE_MALFORMED, "unreadable")
        async with connected(provisioned, "syncer", lambda ticket: ticket.finished(refused)):
            entry = rendered("dead", "1")
            await renderer.publish([entry])
            async with event_reader.opened(provisioned.nats_url, Path(provisioned.seeds["observer"])) as reader:
                letters: list[Any] = []
                async with asyncio.timeout(10):
                    while not letters:
                        found = [e async for e in reader.read("wavegate.platform.syncer.*.DeadLettered")]
                        letters = [e for e in found if e.data["messageId"] == f"{entry.id}:syncer"]

    assert letters[0].data["reason"] == "MessageMalformed"


@pytest.mark.shows("A key on the bus for each service, with only its own subjects", "works")
@pytest.mark.parametrize("forger", ["syncer", "notifier", "git-watcher", "rollout-analyzer"])
async def test_nobody_but_the_renderer_can_say_that_manifests_were_rendered(provisioned: Any, forger: str) -> None:
    async with connected(provisioned, forger) as connection:
        with pytest.raises(RetryLater):
            async with asyncio.timeout(8):
                await connection.publish([rendered("forged", forger)])


async def test_a_bundle_comes_back_byte_for_byte_and_a_lost_one_is_named(provisioned: Any) -> None:
    content = bytes(range(256)) * 2000
    async with connected(provisioned, "renderer") as renderer, connected(provisioned, "syncer") as syncer:
        reference = await NatsBundleStore(renderer).put(content)

        assert await NatsBundleStore(syncer).get(reference) == content
        with pytest.raises(Rejected, match="BundleMissing"):
            await NatsBundleStore(syncer).get(BundleRef(digest="0" * 64, size=3))


async def test_a_bundle_that_does_not_match_its_digest_is_never_handed_out(provisioned: Any) -> None:
    async with connected(provisioned, "renderer") as renderer:
        store = NatsBundleStore(renderer)
        await store.put_record("f" * 64, b"evil")

        with pytest.raises(Rejected, match="BundleDamaged"):
            await store.get(BundleRef(digest="f" * 64, size=4))


async def test_without_a_key_there_is_no_connection(provisioned: Any) -> None:
    async def quiet(_: Exception) -> None:
        return None

    client = nats.NATS()
    with pytest.raises((nats.errors.Error, OSError)):
        await client.connect(provisioned.nats_url, allow_reconnect=False, max_reconnect_attempts=0, error_cb=quiet)
    await client.close()
