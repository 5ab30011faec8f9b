"""The keyed, coalescing work queue (architecture §2), as a plain data structure: no clock, no task, no lock.

A key is ready, held by a worker, or waits for a due time. Hints for a key gather until a worker takes the key; hints that
come while it is held make it ready again when it is given back. So one key is worked on at a time, nothing that was said
while working is overheard, and a thousand hints cost one look.
"""

import heapq
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

ItemT = TypeVar("ItemT")


@dataclass(slots=True)
class KeyedQueue(Generic[ItemT]):
    """Keys to look at, each with the items (hints) that asked for it."""

    _ready: "OrderedDict[str, list[ItemT]]" = field(default_factory=OrderedDict)
    _held: dict[str, list[ItemT] | None] = field(default_factory=dict)
    _due: list[tuple[datetime, str]] = field(default_factory=list)
    _wake: dict[str, datetime] = field(default_factory=dict)

    def add(self, key: str, *items: ItemT) -> None:
        """Make a key ready, with the items that ask for it."""
        if key in self._held:
            self._held[key] = [*(self._held[key] or ()), *items]
        else:
            self._ready.setdefault(key, []).extend(items)

    def take(self) -> tuple[str, list[ItemT]] | None:
        """Hand out the key that has been ready longest, with its items; None when none is ready."""
        if not self._ready:
            return None
        key, items = self._ready.popitem(last=False)
        self._held[key] = None
        return key, items

    def give_back(self, key: str) -> None:
        """End the work on a key that was taken; it is ready again if it was asked for meanwhile."""
        items = self._held.pop(key)
        if items is not None:
            self._ready[key] = items

    def wake_at(self, key: str, due: datetime | None) -> None:
        """Make a key ready at `due`, instead of any time set before. None: at no time."""
        if due is None:
            self._wake.pop(key, None)
            return
        self._wake[key] = due
        heapq.heappush(self._due, (due, key))

    def next_due(self) -> datetime | None:
        """Return the earliest due time."""
        while self._due and self._wake.get(self._due[0][1]) != self._due[0][0]:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def release_due(self, now: datetime) -> int:
        """Make every key ready whose time has come; return how many."""
        released = 0
        while (due := self.next_due()) is not None and due <= now:
            _, key = heapq.heappop(self._due)
            del self._wake[key]
            self.add(key)
            released += 1
        return released

    def due_time(self, key: str) -> datetime | None:
        """Return when a key will wake by itself."""
        return self._wake.get(key)

    def __len__(self) -> int:
        """Return how many keys are ready or held."""
        return len(self._ready) + len(self._held)
