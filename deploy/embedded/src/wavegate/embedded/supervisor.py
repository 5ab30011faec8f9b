"""Brings parts up in the order of their needs, keeps them up, and takes all of them down together."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from wavegate.embedded.children import Child, start_child, tail
from wavegate.embedded.parts import Node, Part, Preparation
from wavegate.embedded.probes import Probe

_ASK_AGAIN = 0.05
_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 10.0
# A child that has run this long, in seconds, did not die of its start.
_SETTLED = 30.0

Report = Callable[[str], None]


class StartFailed(Exception):
    """A part did not become ready; the message names it and holds the end of its log."""


class Supervisor:
    """Owns the children of one platform."""

    def __init__(self, folder: Path, logs: Path, report: Report, changed: Callable[[Mapping[str, int]], None]) -> None:
        """Make a supervisor that has no children yet.

        Args:
            folder: Where children are started.
            logs: The folder of their logs.
            report: Is told, in words, what happens.
            changed: Is given the process ids whenever one of them changes.
        """
        self._folder = folder
        self._logs = logs
        self._report = report
        self._changed = changed
        self._children: dict[str, Child] = {}
        self._parts: dict[str, Part] = {}
        self._needs: dict[str, tuple[str, ...]] = {}
        self._spawning: set[asyncio.Task[Child]] = set()
        self._keepers: set[asyncio.Task[None]] = set()
        self._begun = time.monotonic()

    @property
    def pids(self) -> dict[str, int]:
        """Return the process id of each running part."""
        return {name: child.pid for name, child in self._children.items()}

    def log(self, name: str) -> Path:
        """Return where a part's output goes."""
        return self._logs / f"{name}.log"

    async def bring_up(self, nodes: Sequence[Node]) -> None:
        """Start everything, each as soon as what it needs is ready.

        Raises:
            StartFailed: A part ended or was not ready in time. What was started keeps running until `take_down`.
        """
        ready = {node.name: asyncio.Event() for node in nodes}
        self._needs |= {node.name: node.needs for node in nodes}
        try:
            async with asyncio.TaskGroup() as group:
                for node in nodes:
                    group.create_task(self._bring_up_one(node, ready))
        except* StartFailed as failures:
            raise failures.exceptions[0] from None

    async def take_down(self) -> None:
        """Stop the children in the reverse order of their start, those that need nothing of each other together."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, *self._spawning, return_exceptions=True)
        while self._children:
            needed = {need for name in self._children for need in self._all_needs(name)}
            last = [name for name in self._children if name not in needed]
            await asyncio.gather(*(self._children[name].stop(self._parts[name].grace) for name in last))
            for name in last:
                del self._children[name]

    def _all_needs(self, name: str) -> set[str]:
        direct = self._needs[name]
        return set(direct).union(*(self._all_needs(need) for need in direct))

    async def _bring_up_one(self, node: Node, ready: Mapping[str, asyncio.Event]) -> None:
        for need in node.needs:
            await ready[need].wait()
        match node:
            case Preparation():
                await node.run()
            case Part():
                await self._start(node)
        ready[node.name].set()
        self._report(f"{node.name} ready after {time.monotonic() - self._begun:.1f} s")

    async def _start(self, part: Part) -> None:
        child = await self._spawn(part)
        ended = asyncio.create_task(child.ended())
        try:
            async with asyncio.timeout(part.ready_within):
                while not await _holds_first(part.ready, ended):  # noqa: ASYNC110 - nothing tells us; we ask
                    await asyncio.sleep(_ASK_AGAIN)
        except TimeoutError:
            raise self._failed(part, f"was not ready within {part.ready_within:.0f} s") from None
        if ended.done():
            raise self._failed(part, f"stopped with exit status {ended.result()} before it was ready")
        keeper = asyncio.create_task(self._keep(part, ended), name=f"keep {part.name}")
        self._keepers.add(keeper)

    def _failed(self, part: Part, what: str) -> StartFailed:
        return StartFailed(f"{part.name} {what}; the end of its log:\n{tail(self.log(part.name))}")

    async def _spawn(self, part: Part) -> Child:
        """Start a child so that a cancellation in the middle cannot lose sight of it."""
        spawning = asyncio.create_task(self._spawn_recorded(part))
        self._spawning.add(spawning)
        spawning.add_done_callback(self._spawning.discard)
        return await asyncio.shield(spawning)

    async def _spawn_recorded(self, part: Part) -> Child:
        child = await start_child(part.command, part.environment, self._folder, self.log(part.name))
        self._parts[part.name] = part
        self._children[part.name] = child
        self._changed(self.pids)
        return child

    async def _keep(self, part: Part, ended: asyncio.Task[int]) -> None:
        """Start a part again whenever it ends, ever later if it cannot stay up."""
        backoff = _FIRST_BACKOFF
        started = time.monotonic()
        try:
            while True:
                status = await ended
                if time.monotonic() - started > _SETTLED:
                    backoff = _FIRST_BACKOFF
                self._report(f"{part.name} ended with exit status {status}; starting it again in {backoff:.1f} s")
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, _LONGEST_BACKOFF)
                started = time.monotonic()
                ended = asyncio.create_task((await self._spawn(part)).ended())
        finally:
            ended.cancel()


async def _holds_first(ready: Probe, ended: asyncio.Task[int]) -> bool:
    """Ask the probe; also true once the child has ended, for then there is no use in asking on."""
    if ended.done():
        return True
    asked = asyncio.ensure_future(ready())
    await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
    if ended.done():
        asked.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asked
        return True
    return asked.result()
