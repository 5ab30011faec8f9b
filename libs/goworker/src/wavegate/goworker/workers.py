"""The processes behind a pool: one is kept warm, more are started when jobs come together and stopped when idle."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from wavegate.goworker.isolation import network_fence
from wavegate.goworker.process import Answer, ProcessLimits, WorkerProcess

IDLE_SECONDS: Final = 60.0
"""A worker beyond the first that had no job for this long is stopped; starting one takes some 30 ms."""


class Workers:
    """At most `size` processes, each with at most one job. A dead one is replaced when the next job needs it."""

    def __init__(self, command: tuple[str, ...], size: int, limits: ProcessLimits, idle_seconds: float) -> None:
        self._command, self._size, self._limits, self._idle_seconds = command, size, limits, idle_seconds
        self._free: asyncio.LifoQueue[WorkerProcess | None] = asyncio.LifoQueue()
        self._reaper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Find out how to fence processes, and start the first."""
        self._command = (*await network_fence(), *self._command)
        for _ in range(self._size - 1):
            self._free.put_nowait(None)
        self._free.put_nowait(await WorkerProcess.start(self._command, self._limits))
        self._reaper = asyncio.create_task(self._stop_idle_again_and_again())

    async def stop(self) -> None:
        """Wait for the jobs that run, and end all processes."""
        if self._reaper is not None:
            self._reaper.cancel()
        for _ in range(self._size):
            worker = await self._free.get()
            if worker is not None:
                await worker.kill()

    async def run(self, operation: str, fields: dict[str, Any], answer: Answer, deadline: float) -> Any:
        """Run one job on a free process; see `WorkerProcess.run`."""
        worker = await self._free.get()
        try:
            if worker is None or not worker.alive:
                worker = await WorkerProcess.start(self._command, self._limits)
            return await worker.run(operation, fields, answer, deadline)
        finally:
            self._free.put_nowait(worker if worker is not None and worker.alive else None)

    async def stop_idle(self, longer_than: float) -> None:
        """Stop the workers that had no job for so many seconds, all but the one used last."""
        free = [self._free.get_nowait() for _ in range(self._free.qsize())]
        idle = [worker for worker in free if worker and worker.idle_seconds > longer_than][1:]
        for worker in reversed(free):  # the stack as it was; no await came in between
            self._free.put_nowait(None if worker in idle else worker)
        for worker in idle:
            await worker.kill()

    async def _stop_idle_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(self._idle_seconds)
            await self.stop_idle(self._idle_seconds)
