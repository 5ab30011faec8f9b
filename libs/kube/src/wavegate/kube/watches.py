"""Shared watches: one list and one watch per type and selection, however many parts of a service look at it.

A watch resumes where it stopped; only when the API server no longer keeps that version is everything listed again.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from types import TracebackType
from typing import Self

from wavegate.kube.client import EVERYTHING, KubeClient, Selection, WatchEvent
from wavegate.kube.errors import FailedCall, KubeError
from wavegate.kube.resources import GroupVersionKind, JsonObject
from wavegate.kube.watch_cache import Change, WatchCache

log = logging.getLogger(__name__)

Transform = Callable[[JsonObject], JsonObject]

FIRST_DELAY, LAST_DELAY = 0.5, 30.0
WATCH_SECONDS = 240


def without_managed_fields(item: JsonObject) -> JsonObject:
    """Drop the record of field owners, often half of an object."""
    item["metadata"].pop("managedFields", None)
    return item


class SharedWatch:
    """The newest known state of all objects of a selection, and news of every change."""

    def __init__(
        self,
        client: KubeClient,
        gvk: GroupVersionKind,
        selection: Selection = EVERYTHING,
        *,
        transform: Transform = without_managed_fields,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.gvk = gvk
        self.selection = selection
        self.synced = asyncio.Event()
        self._client = client
        self._transform = transform
        self._sleep = sleep
        self._cache = WatchCache()
        self._callbacks: list[Callable[[Change], None]] = []
        self._failures = 0

    def on_change(self, callback: Callable[[Change], None]) -> None:
        """Have every later change told, in order. Callbacks are short and do not wait: they enqueue a key.

        Who subscribes after `synced` looks at `items()` as well.
        """
        self._callbacks.append(callback)

    def get(self, namespace: str, name: str) -> JsonObject | None:
        """The newest known version of an object, None when there is none. Shared: not to be modified."""
        return self._cache.get(namespace, name)

    def items(self) -> tuple[JsonObject, ...]:
        """All known objects."""
        return self._cache.items()

    def put(self, item: JsonObject) -> None:
        """Take over the answer to a write of our own, so that nobody here sees the object older than it is."""
        self._tell(self._cache.put(self._transform(_copied(item))))

    async def run(self) -> None:
        """List, follow, resume; until cancelled."""
        while True:
            try:
                await self._list()
                while True:
                    await self._follow()
            except KubeError as error:
                await self._pause(error)

    async def _list(self) -> None:
        while True:
            try:
                listed = await self._client.list(self.gvk, self.selection)
            except KubeError as error:
                await self._pause(error)
                continue
            self._failures = 0
            self._tell(self._cache.replace(map(self._transform, listed.items), listed.resource_version))
            self.synced.set()
            return

    async def _follow(self) -> None:
        """One watch, from where the last one stopped to its end.

        Raises:
            Gone: list again.
        """
        seconds = int(WATCH_SECONDS * random.uniform(1.0, 1.5))  # noqa: S311 - spreads reconnections
        events = self._client.watch(self.gvk, self.selection, self._cache.position, seconds=seconds)
        try:
            async with aclosing(events):
                async for event in events:
                    self._failures = 0
                    self._take(event)
        except FailedCall as error:
            await self._pause(error)

    def _take(self, event: WatchEvent) -> None:
        if event.type == "BOOKMARK":
            self._cache.position = str(event.object["metadata"]["resourceVersion"])
        elif event.type == "DELETED":
            self._tell(self._cache.remove(self._transform(event.object)))
        else:
            self._tell(self._cache.observe(self._transform(event.object)))

    def _tell(self, changes: list[Change]) -> None:
        for change in changes:
            for callback in self._callbacks:
                callback(change)

    async def _pause(self, error: KubeError) -> None:
        delay = min(LAST_DELAY, FIRST_DELAY * 2**self._failures) * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load
        if self._failures:
            log.warning("watch of %s: %s; again in %.1f s", self.gvk, error, delay)
        self._failures = min(self._failures + 1, 10)
        await self._sleep(delay)


def _copied(item: JsonObject) -> JsonObject:
    """A copy as deep as transforms may reach without harming the caller's object."""
    return {**item, "metadata": dict(item["metadata"])}


class SharedWatches:
    """The watches of one service: started on first demand, stopped together."""

    def __init__(self, client: KubeClient) -> None:
        self._client = client
        self._watches: dict[tuple[GroupVersionKind, Selection], SharedWatch] = {}
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await self._group.__aexit__(type_, error, traceback)

    def watch(
        self,
        gvk: GroupVersionKind,
        selection: Selection = EVERYTHING,
        *,
        transform: Transform = without_managed_fields,
    ) -> SharedWatch:
        """The watch of a type and selection; the first asker's transform holds."""
        known = self._watches.get((gvk, selection))
        if known is None:
            known = SharedWatch(self._client, gvk, selection, transform=transform)
            self._watches[gvk, selection] = known
            self._tasks.append(self._group.create_task(known.run()))
        return known
