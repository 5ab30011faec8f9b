"""A repository, a server for it, and a renderer with everything real but the object store."""

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from wavegate.git import GitRunner, Mirrors
from wavegate.goworker import GoWorkerPool, binary
from wavegate.renderer.adapters.render_cache import StoredRenderCache
from wavegate.renderer.adapters.repositories import MirroredRepositories
from wavegate.renderer.adapters.tools import GoTools, version_of
from wavegate.renderer.domain.helm import Cluster
from wavegate.renderer.domain.objects import Limits
from wavegate.renderer.handlers.planning import Planner
from wavegate.renderer.handlers.rendering import Rendering
from wavegate.renderer.handlers.running import Runner
from wavegate.runtime.memory import MemoryBundleStore

sys.path.insert(0, str(Path(__file__).parents[1] / "git"))
sys.path.insert(0, str(Path(__file__).parent))
from real_renderer import Renderer
from smart_http import Server, Upstream, serving


class OneCluster:
    async def capabilities(self) -> Cluster:
        return Cluster("v1.36.3", ("v1", "apps/v1", "apps/v1/Deployment"))


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    return Upstream(tmp_path / "upstream")


@pytest.fixture
def server(upstream: Upstream) -> Iterator[Server]:
    with serving(upstream.root) as running:
        yield running


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[GoWorkerPool]:
    async with GoWorkerPool(binary.locate()) as running:
        yield running


@pytest_asyncio.fixture
async def renderer(tmp_path: Path, pool: GoWorkerPool) -> AsyncIterator[Renderer]:
    runner = GitRunner()
    mirrors = Mirrors(tmp_path / "mirrors", runner)
    tools, store = GoTools(pool, version_of(binary.locate())), MemoryBundleStore()
    cache = StoredRenderCache(store)
    planner = Planner(MirroredRepositories(mirrors, allow_http=False), tools, OneCluster())
    yield Renderer(Rendering(planner, Runner(tools, Limits()), store, cache), store, cache)
    await cache.settled()
    mirrors.close()
    runner.close()
