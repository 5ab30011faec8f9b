"""Bounded parallelism on the event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class LoopParallel:
    """Runs a bounded number of calls at a time."""

    async def each(
        self, function: Callable[[ItemT], Awaitable[ResultT]], items: Sequence[ItemT], limit: int
    ) -> list[ResultT]:
        """Apply `function` to all items; the first failure is raised once the calls under way have ended."""
        results: dict[int, ResultT] = {}
        failures: list[BaseException] = []
        waiting = iter(enumerate(items))

        async def work() -> None:
            for index, item in waiting:
                if failures:
                    return
                try:
                    results[index] = await function(item)
                except Exception as error:  # noqa: BLE001 - raised below, when nothing is under way any more
                    failures.append(error)

        await asyncio.gather(*(work() for _ in range(min(limit, len(items)))))
        if failures:
            raise failures[0]
        return [results[index] for index in range(len(items))]
