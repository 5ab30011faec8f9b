"""A bus with its streams, and somebody who says something."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from wavegate.contracts import access
from wavegate.contracts.application import SyncSucceeded
from wavegate.contracts.events import Emitted
from wavegate.contracts.references import Commit, ObjectRef
from wavegate.runtime import bus, outbox, provisioner
from wavegate.runtime.clock import SystemClock


@pytest.fixture
def events_said(nats_server: Any) -> Callable[[str], Awaitable[None]]:
    """Say that an application was synced."""

    def connection(user: str) -> bus.Bus:
        return bus.Bus(user, bus.broker(user, nats_server.nats_url, Path(nats_server.seeds[user]), None), SystemClock())

    async def say(name: str) -> None:
        maker, syncer = connection(access.PROVISIONER), connection("syncer")
        await maker.start()
        await provisioner.provision(await maker.jetstream())
        await maker.stop()
        commit = Commit(repository="https://git.example.com/x", ref="main", seq=3, sha="b" * 40)
        message = SyncSucceeded(object=ObjectRef(namespace="argocd", name=name), commits=(commit,), intent=5)
        await syncer.start()
        await syncer.publish([outbox.entry(Emitted(message, name), SystemClock().now())])
        await syncer.stop()

    return say
