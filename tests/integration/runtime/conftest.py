import asyncio
from pathlib import Path
from typing import Any

import pytest

from wavegate.contracts import access
from wavegate.runtime import bus, provisioner
from wavegate.runtime.clock import SystemClock


@pytest.fixture(scope="session")
def provisioned(nats_server: Any) -> Any:
    """A bus with streams, bucket and consumers, made by the provisioner with its own key."""

    async def provision() -> None:
        seed = Path(nats_server.seeds[access.PROVISIONER])
        connection = bus.Bus(
            access.PROVISIONER, bus.broker(access.PROVISIONER, nats_server.nats_url, seed, None), SystemClock()
        )
        await connection.start()
        try:
            await provisioner.provision(await connection.jetstream())
            assert await provisioner.provision(await connection.jetstream()) == ()
        finally:
            await connection.stop()

    asyncio.run(provision())
    return nats_server
