"""git-watcher as its composition root wires it, on a real API server and a real Git server, with the bus in memory."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from wavegate.git import GitRunner, Mirrors
from wavegate.git_watcher.adapters.histories import GitHistories
from wavegate.git_watcher.adapters.remotes import GitRemotes
from wavegate.git_watcher.app import wire
from wavegate.git_watcher.settings import GitWatcherSettings
from wavegate.kube import KubeClient, SharedWatches

sys.path.insert(0, str(Path(__file__).parents[1] / "git"))
sys.path.insert(0, str(Path(__file__).parent))
from smart_http import Server, Upstream, serving
from watched_team import LoopService, Watched


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    return Upstream(tmp_path / "upstream")


@pytest.fixture
def server(upstream: Upstream) -> Iterator[Server]:
    with serving(upstream.root) as running:
        yield running


@pytest.fixture
async def watched(control_plane: Any, server: Server, tmp_path: Path) -> AsyncIterator[Watched]:
    kubeconfig = Path(control_plane.kubeconfigs["git-watcher"])
    settings = GitWatcherSettings(
        kubeconfig=kubeconfig, webhook_port=0, poll_interval_seconds=1.0, poll_jitter_seconds=0.1, _env_file=None
    )
    runner = GitRunner()
    async with AsyncExitStack() as stack:
        people = await stack.enter_async_context(
            KubeClient.connect(Path(control_plane.kubeconfig), field_manager="kubectl-edit")
        )
        client = await stack.enter_async_context(KubeClient.connect(kubeconfig, field_manager="wavegate-git-watcher"))
        watches = await stack.enter_async_context(SharedWatches(client))
        mirrors = Mirrors(tmp_path / "histories", runner)
        histories = GitHistories(mirrors, allow_http=False)
        service = LoopService()
        wire(service, settings, client, watches, (GitRemotes(runner, allow_http=False), histories))
        running = [asyncio.create_task(work()) for work in service.forever]
        made = Watched(people, service, server.url())
        await made.until(service.is_ready)
        yield made
        await made.clean_up()
        service.web.should_exit = True
        await running[service.forever.index(service.web._serve)]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        histories.close()
        mirrors.close()
        runner.close()
    await asyncio.sleep(0.1)  # aiohttp ends TLS connections in the background
