"""Parallelism on the event loop."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

ResultT = TypeVar("ResultT")


class TogetherOnLoop:
    """Runs a bounded number of jobs at a time."""

    def __init__(self, limit: int = 8) -> None:
        self._places = asyncio.Semaphore(limit)

    async def run(self, jobs: Iterable[Awaitable[ResultT]]) -> list[ResultT]:
        """Run the jobs; return their results in order."""
        return list(await asyncio.gather(*(self._one(job) for job in jobs)))

    async def _one(self, job: Awaitable[ResultT]) -> ResultT:
        async with self._places:
            return await job
