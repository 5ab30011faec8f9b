"""In-memory parts: a clock that moves when told, state objects, a bus. They implement the real ports, for tests and tools."""

import asyncio
import hashlib
import heapq
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import OutboxEntry, StateConflict, Stored
from wavegate.contracts.references import BundleRef

StateT = TypeVar("StateT")

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class VirtualClock:
    """Time that stands still until `advance`."""

    def __init__(self, start: datetime = EPOCH) -> None:
        self._now = start
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        """Return the virtual present."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Return once the clock was advanced by `seconds`."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), next(self._order), future))
        await future

    def advance(self, seconds: float) -> None:
        """Move the clock and wake whoever slept until then."""
        self._now += timedelta(seconds=seconds)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)


class MemoryStateStore(Generic[StateT]):
    """State objects with compare-and-set, as the API server gives it."""

    def __init__(self) -> None:
        self.objects: dict[str, Stored[StateT]] = {}
        self._versions = itertools.count(1)

    async def read(self, key: str) -> Stored[StateT] | None:
        """Return the stored object."""
        return self.objects.get(key)

    async def write(self, key: str, state: StateT, outbox: tuple[OutboxEntry, ...], version: str | None) -> str:
        """Write if `version` is still the stored one."""
        stored = self.objects.get(key)
        if (stored.version if stored else None) != version:
            raise StateConflict(key)
        self.objects[key] = Stored(state, str(next(self._versions)), outbox)
        return self.objects[key].version


class MemoryBus:
    """Records what was published; a repeated id is stored once, as JetStream does inside its window."""

    def __init__(self) -> None:
        self.stored: dict[str, OutboxEntry] = {}
        self.repeated: list[OutboxEntry] = []

    async def publish(self, entries: Sequence[OutboxEntry]) -> None:
        """Store entries by id."""
        for entry in entries:
            self.stored.setdefault(entry.id, entry)

    async def repeat(self, entries: Sequence[OutboxEntry]) -> None:
        """Note what the workers were handed once more."""
        self.repeated.extend(entries)


class MemoryBundleStore:
    """The object store in a dictionary."""

    def __init__(self) -> None:
        self.records: dict[str, bytes] = {}

    async def put(self, content: bytes) -> BundleRef:
        """Store bytes under their digest."""
        reference = BundleRef(digest=hashlib.sha256(content).hexdigest(), size=len(content))
        self.records[reference.digest] = content
        return reference

    async def get(self, reference: BundleRef) -> bytes:
        """Return the bytes of a bundle, or raise as the real store does."""
        if reference.digest not in self.records:
            raise Rejected(Reason.BUNDLE_MISSING, f"bundle {reference.digest[:12]} is not in the object store")
        return self.records[reference.digest]

    async def put_record(self, name: str, content: bytes) -> None:
        """Store bytes under a name."""
        self.records[name] = content

    async def get_record(self, name: str) -> bytes | None:
        """Return the bytes under a name."""
        return self.records.get(name)
