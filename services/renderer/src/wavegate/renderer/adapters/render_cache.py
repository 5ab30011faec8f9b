"""Records of earlier renders: in memory, and in the object store for other replicas and later lives."""

import asyncio
import json
from collections import OrderedDict
from typing import Protocol

import structlog
from pydantic import ValidationError

from wavegate.contracts.failures import RetryLater
from wavegate.renderer.domain.read_sets import Record

RECORDS_KEPT = 4096
WRITES_AT_ONCE = 2

log = structlog.get_logger()


class RecordStore(Protocol):
    """Small records by name."""

    async def put_record(self, name: str, content: bytes) -> None:
        """Store a record."""

    async def get_record(self, name: str) -> bytes | None:
        """Return a record."""


class StoredRenderCache:
    """Records under `renders/<plan key>`."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._known: OrderedDict[str, Record] = OrderedDict()
        self._turn = asyncio.Semaphore(WRITES_AT_ONCE)
        self._writing: set[asyncio.Task[None]] = set()

    async def recall(self, key: str) -> Record:
        """Return what is known under a key; a record that cannot be read is as good as none."""
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        content = await self._store.get_record(_name(key))
        try:
            record = Record.read(json.loads(content)) if content else Record()
        except (ValidationError, ValueError):
            record = Record()
        return self._keep(key, record)

    def remember(self, key: str, record: Record) -> None:
        """Keep a record; it is stored in the background."""
        self._keep(key, record)
        task = asyncio.get_running_loop().create_task(self._write(key, record))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    def forget(self) -> None:
        """Forget what is in memory: the store was emptied."""
        self._known.clear()

    async def settled(self) -> None:
        """Return once everything is stored."""
        await asyncio.gather(*self._writing)

    async def _write(self, key: str, record: Record) -> None:
        async with self._turn:
            try:
                await self._store.put_record(_name(key), json.dumps(record.to_json()).encode())
            except RetryLater as trouble:
                log.info("a render's record was not stored", key=key[:12], detail=trouble.message)

    def _keep(self, key: str, record: Record) -> Record:
        self._known[key] = record
        while len(self._known) > RECORDS_KEPT:
            self._known.popitem(last=False)
        return record


def _name(key: str) -> str:
    return f"renders/{key}"
