"""Gathers evidence while the story runs: it follows the events, watches the objects, reads on in the audit log."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from wavegate.demo.standins import kinds
from wavegate.demo.standins.background import running
from wavegate.demo.story import audit
from wavegate.demo.story.cast_names import CONTROL_PLANE, NAMESPACE
from wavegate.demo.story.evidence import AuditEntry, Evidence, Live, ObjectName, Received, SeenEvent
from wavegate.kube.client import Selection
from wavegate.kube.watch_cache import Change
from wavegate.kube.watches import SharedWatches
from wavegate.runtime.event_reader import EventReader, ReadEvent

_FOLLOWED = (
    (kinds.APPLICATION, CONTROL_PLANE),
    *((gvk, NAMESPACE) for gvk in (kinds.ROLLOUT, kinds.ANALYSIS_RUN, kinds.VIRTUAL_SERVICE, kinds.CONFIG_MAP)),
)
_READ_AGAIN = 0.1
_CHUNK = 1 << 20


class Collector:
    """What was seen so far. `changed` is set whenever something was added."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self._events: list[SeenEvent] = []
        self._audit: list[AuditEntry] = []
        self._received: list[Received] = []
        self._objects: dict[ObjectName, Live] = {}

    @property
    def evidence(self) -> Evidence:
        """Return all that was seen up to now."""
        return Evidence(tuple(self._events), tuple(self._audit), tuple(self._received), dict(self._objects))

    def received(self, what: Received) -> None:
        """Add a message that a receiver got."""
        self._received.append(what)
        self.changed.set()

    def event(self, read: ReadEvent) -> None:
        """Add an event."""
        seen = SeenEvent(read.name, read.id, _now(), read.data, read.cause or "", read.traceparent or "", read.time)
        self._events.append(seen)
        self.changed.set()

    def object(self, change: Change) -> None:
        """Add what a watch told."""
        metadata = change.object["metadata"]
        name = ObjectName(change.object["kind"], metadata.get("namespace", ""), metadata["name"])
        self._objects[name] = Live(_now(), None if change.type == "deleted" else change.object)
        self.changed.set()

    def audited(self, line: str) -> None:
        """Add a line of the audit log, if it is a write of the story's namespace or in it."""
        # Most lines are of others; looking for the name is cheaper than reading JSON.
        if f'"{NAMESPACE}"' not in line:
            return
        entry = audit.parsed(line)
        if entry is not None and NAMESPACE in (entry.namespace, entry.name):
            self._audit.append(entry)
            self.changed.set()


@asynccontextmanager
async def collecting(
    collector: Collector, reader: EventReader, watches: SharedWatches, audit_log: Path
) -> AsyncIterator[None]:
    """Collect while the context lasts."""
    for gvk, namespace in _FOLLOWED:
        watches.watch(gvk, Selection(namespace=namespace)).on_change(collector.object)
    async with running(_follow(reader, collector), _read_on(audit_log, collector.audited)):
        yield


async def _follow(reader: EventReader, collector: Collector) -> None:
    async for event in reader.read(follow=True):
        collector.event(event)


async def _read_on(file: Path, take: Callable[[str], None]) -> None:
    """Give each line that is added to a file, whole."""
    rest = b""
    with file.open("rb") as log:
        while True:
            chunk = log.read(_CHUNK)
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                take(line.decode())
            if len(chunk) < _CHUNK:
                await asyncio.sleep(_READ_AGAIN)


def _now() -> datetime:
    return datetime.now(UTC)
