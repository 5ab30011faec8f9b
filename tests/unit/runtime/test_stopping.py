"""A service stops when told, whatever its parts wait for."""

import asyncio
from contextlib import suppress

from wavegate.runtime.service import insist


async def test_a_part_that_swallowed_its_cancellation_is_told_again() -> None:
    answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    swallowed: list[str] = []

    started = asyncio.Event()

    async def part() -> None:
        started.set()
        # As wait_for in Python 3.11: what it waits for is done when the cancellation comes, so the answer wins.
        with suppress(asyncio.CancelledError):
            await answered
        swallowed.append("swallowed")
        await asyncio.Event().wait()

    parts: list[asyncio.Task[None]] = []

    async def service() -> None:
        async with asyncio.TaskGroup() as group:
            parts.append(group.create_task(part()))

    running = asyncio.ensure_future(service())
    await started.wait()
    async with asyncio.timeout(5):
        await insist(running, parts, pause=0.01)
    assert swallowed == ["swallowed"]
    assert running.cancelled()
