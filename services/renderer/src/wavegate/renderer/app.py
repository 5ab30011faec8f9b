"""Composition root of the renderer: settings → adapters → reconciler → its work messages. No logic."""

import asyncio
from contextlib import AsyncExitStack

from wavegate.contracts.routing import RENDERER
from wavegate.git import GitRunner, GitSettings, Mirrors
from wavegate.goworker import GoWorkerPool, binary
from wavegate.kube.client import KubeClient
from wavegate.renderer.adapters import tools
from wavegate.renderer.adapters.cluster_info import KubeClusterInfo
from wavegate.renderer.adapters.render_cache import StoredRenderCache
from wavegate.renderer.adapters.repositories import MirroredRepositories
from wavegate.renderer.adapters.tools import GoTools
from wavegate.renderer.domain.objects import Limits
from wavegate.renderer.handlers.planning import Planner
from wavegate.renderer.handlers.rendering import Rendering
from wavegate.renderer.handlers.requests import RenderReconciler
from wavegate.renderer.handlers.running import Runner
from wavegate.renderer.settings import RendererSettings
from wavegate.runtime.service import opened

FIELD_MANAGER = "wavegate-renderer"


async def main(settings: RendererSettings) -> None:
    """Run until told to stop."""
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(opened(RENDERER, settings))
        client = await stack.enter_async_context(KubeClient.connect(settings.kubeconfig, field_manager=FIELD_MANAGER))
        located = binary.locate()
        pool = await stack.enter_async_context(
            GoWorkerPool(located, size=settings.render_workers, memory_limit_bytes=settings.render_memory_bytes)
        )
        runner = GitRunner(GitSettings(settings.git_ca_file, settings.ssh_key_file, settings.ssh_known_hosts_file))
        stack.callback(runner.close)
        mirrors = Mirrors(settings.state_dir / "mirrors", runner)
        stack.callback(mirrors.close)
        repositories = MirroredRepositories(mirrors, allow_http=settings.allow_http)
        go_tools = GoTools(pool, await asyncio.to_thread(tools.version_of, located))
        cache = StoredRenderCache(service.bundles)
        rendering = Rendering(
            Planner(repositories, go_tools, KubeClusterInfo(client)), Runner(go_tools, Limits()), service.bundles, cache
        )
        loop = service.reconcile_loop("application", RenderReconciler(rendering), None)
        service.deliver(lambda ticket: loop.hint(ticket.hint.message.work_key, ticket))
        service.rescan(cache.forget)
        await service.serve()
