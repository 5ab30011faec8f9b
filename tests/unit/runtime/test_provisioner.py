"""Everybody is told of new streams, whatever happens between making them and saying so."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError, ServiceUnavailableError

from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import OutboxEntry
from wavegate.runtime.memory import MemoryBus, VirtualClock
from wavegate.runtime.provisioner import attend


class JetStream:
    """Streams and consumers by name, and what the event stream holds."""

    def __init__(self, bus: MemoryBus) -> None:
        self.made: set[str] = set()
        self.bus = bus
        self.no_consumers = False

    async def stream_info(self, name: str, subjects_filter: str | None = None) -> Any:
        self._existing(name)
        told = {subjects_filter: 1} if self.bus.stored and subjects_filter else None
        return SimpleNamespace(state=SimpleNamespace(subjects=told))

    async def add_stream(self, config: Any) -> None:
        self.made.add(config.name)

    async def consumer_info(self, stream: str, name: str) -> None:
        self._existing(f"{stream} {name}")

    async def add_consumer(self, stream: str, config: Any) -> None:
        if self.no_consumers:
            raise ServiceUnavailableError
        self.made.add(f"{stream} {config.durable_name}")

    def _existing(self, name: str) -> None:
        if name not in self.made:
            raise NotFoundError


class Rig:
    def __init__(self) -> None:
        self.bus = MemoryBus()
        self.jetstream = JetStream(self.bus)
        self.owed: list[str] = []

    async def attend(self) -> None:
        await attend(cast("JetStreamContext", self.jetstream), self.bus, VirtualClock(), self.owed)

    def told(self) -> list[list[str]]:
        return [entry.data["streams"] for entry in self.bus.stored.values()]


@pytest.fixture
def rig() -> Rig:
    return Rig()


async def test_new_streams_are_told_of_once(rig: Rig) -> None:
    await rig.attend()
    await rig.attend()

    assert rig.told() == [["EVENTS", "WORK", "DEAD", "OBJ_bundles"]]


async def test_new_streams_are_told_of_although_the_bus_refused_it_at_first(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(entries: Sequence[OutboxEntry]) -> None:
        raise RetryLater(Reason.BUS_UNAVAILABLE, "publishing: TimeoutError")

    with monkeypatch.context() as patched:
        patched.setattr(rig.bus, "publish", refused)
        with pytest.raises(RetryLater):
            await rig.attend()
    await rig.attend()

    assert rig.told() == [["EVENTS", "WORK", "DEAD", "OBJ_bundles"]]


async def test_new_streams_are_told_of_although_the_consumers_came_later(rig: Rig) -> None:
    rig.jetstream.no_consumers = True
    with pytest.raises(ServiceUnavailableError):
        await rig.attend()
    rig.jetstream.no_consumers = False
    await rig.attend()

    assert len(rig.told()) == 1


async def test_streams_whose_maker_died_are_told_of_by_the_next_one(rig: Rig) -> None:
    rig.jetstream.no_consumers = True
    with pytest.raises(ServiceUnavailableError):
        await rig.attend()
    rig.jetstream.no_consumers, rig.owed = False, []
    await rig.attend()

    assert len(rig.told()) == 1
