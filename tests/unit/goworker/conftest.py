from collections.abc import AsyncIterator

import pytest_asyncio

from wavegate.goworker import GoWorkerPool, binary


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[GoWorkerPool]:
    async with GoWorkerPool(binary.locate(), size=1) as started:
        yield started
