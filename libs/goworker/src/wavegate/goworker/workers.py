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
        self._reaper = asyncio.create_task(self._stop_idle_ones())

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

    async def _stop_idle_ones(self) -> None:
        while True:
            await asyncio.sleep(self._idle_seconds)
            free = [self._free.get_nowait() for _ in range(self._free.qsize())]
            # From the stack's top: the first is the one used last, and stays. No await comes before all are back.
            idle = [worker for worker in free if worker and worker.idle_seconds > self._idle_seconds][1:]
            for worker in reversed(free):
                self._free.put_nowait(None if worker in idle else worker)
            for worker in idle:
                await worker.kill()
