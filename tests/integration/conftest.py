"""Real parts for the integration tests, each started once a session and shared; tests keep to namespaces of their own."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from wavegate.embedded.platform import CONTROL_PLANE, EVERYTHING, Platform


@contextmanager
def running(wanted: Sequence[str]) -> Iterator[Platform]:
    """Run parts of the platform on an event loop of their own, so that they are looked after between tests."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="platform")
    thread.start()
    platform = Platform(wanted)
    try:
        asyncio.run_coroutine_threadsafe(platform.__aenter__(), loop).result()
        try:
            yield platform
        finally:
            asyncio.run_coroutine_threadsafe(platform.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="session")
def control_plane() -> Iterator[Platform]:
    """An API server on etcd with the platform's kinds and roles; no controllers, no Pods. See `.kubeconfig`."""
    with running(CONTROL_PLANE) as platform:
        yield platform


@pytest.fixture(scope="session")
def nats_server() -> Iterator[Platform]:
    """A bus without streams. See `.nats_url`, and `.seeds` for the file of each user's key."""
    with running(("nats-server",)) as platform:
        yield platform


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """Everything, the services included."""
    with running(EVERYTHING) as everything:
        yield everything
