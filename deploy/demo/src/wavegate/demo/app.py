"""The demonstration put together: connections, stand-ins, collector, and the cast of the story."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from wavegate.demo.collecting import Collector, collecting
from wavegate.demo.repository import NAME, Repository
from wavegate.demo.script import Cast
from wavegate.demo.standins import (
    git_server,
    inference_services,
    kinds,
    metrics_api,
    model_traffic,
    receivers,
    setting,
)
from wavegate.demo.standins.background import running
from wavegate.demo.standins.model_server import ModelServer
from wavegate.demo.standins.servers import LOOPBACK, serving
from wavegate.demo.story.cast_names import NAMESPACE, ROLLOUT
from wavegate.demo.telling import Teller
from wavegate.demo.webhook import Webhook
from wavegate.embedded.platform import Platform
from wavegate.kube.client import KubeClient, Selection
from wavegate.kube.connection import ConnectionOptions
from wavegate.kube.watches import SharedWatches
from wavegate.runtime import event_reader
from wavegate.runtime.event_reader import EventReader

FIELD_MANAGER = "wavegate-demo"
OBSERVER = "observer"
CHANNEL = "ml-releases"


@dataclass(frozen=True, slots=True)
class Connections:
    """How the driver reaches the platform, and the folder that it keeps its records in."""

    platform: Platform
    client: KubeClient
    watches: SharedWatches
    reader: EventReader
    records: Path


@asynccontextmanager
async def connected(platform: Platform, records: Path) -> AsyncIterator[Connections]:
    """Connect to a running platform, as its administrator and as the bus's observer."""
    options = replace(ConnectionOptions(), user_agent=FIELD_MANAGER)
    async with (
        KubeClient.connect(platform.kubeconfig, field_manager=FIELD_MANAGER, options=options) as client,
        SharedWatches(client) as watches,
        event_reader.opened(platform.nats_url, platform.seeds[OBSERVER]) as reader,
    ):
        yield Connections(platform, client, watches, reader, records)


@asynccontextmanager
async def staged(at: Connections, collector: Collector, console: Console) -> AsyncIterator[Cast]:
    """Start the stand-ins and give the story's cast; everything ends with the context."""
    work = at.platform.folder / "demo"
    work.mkdir(mode=0o700)
    async with AsyncExitStack() as stack:
        await _metrics(stack, at, work)
        await _receivers(stack, at, collector)
        await _model(stack, at)
        await stack.enter_async_context(running(inference_services.InferenceServices(at.client, at.watches).run()))
        port = await stack.enter_async_context(serving(git_server.application(work / "git")))
        url = f"http://{LOOPBACK}:{port}/{NAME}"
        repository = await Repository.created(work / "git", work / "copy", url)
        await stack.enter_async_context(collecting(collector, at.reader, at.watches, at.platform.audit_log))
        webhook = Webhook(at.platform.webhook_url, at.platform.webhook_secret)
        yield Cast(repository, webhook, at.client, Teller(collector, console))


async def _metrics(stack: AsyncExitStack, at: Connections, work: Path) -> None:
    """Serve the autoscaler's metrics, and lay the foundations that the other stand-ins stand on."""
    pods = at.watches.watch(kinds.POD, Selection(namespace=NAMESPACE))
    certificate = metrics_api.write_certificate(work)
    served = metrics_api.application(lambda namespace: pods.items() if namespace == NAMESPACE else ())
    port = await stack.enter_async_context(serving(served, certificate))
    await setting.lay_foundations(at.client, port, certificate.certificate)


async def _receivers(stack: AsyncExitStack, at: Connections, collector: Collector) -> None:
    workspace = receivers.SlackWorkspace(f"xoxb-{secrets.token_hex(16)}", (CHANNEL,))
    key = secrets.token_hex(16)
    ports = []
    for name, answer in (("slack", workspace), ("pagerduty", receivers.PagerDutyAccount((key,)))):
        record = receivers.Record(name, at.records / f"{name}.jsonl", collector.received)
        ports.append(await stack.enter_async_context(serving(receivers.application(answer, record))))
    slack, pagerduty = (f"http://{LOOPBACK}:{port}" for port in ports)
    await setting.configure_notifications(
        at.client, setting.Destinations(f"{slack}/api/", workspace.token, pagerduty, key)
    )


async def _model(stack: AsyncExitStack, at: Connections) -> None:
    """Serve the model under load, where Prometheus finds its metrics."""
    server = ModelServer()
    model_traffic.Routing(at.watches, NAMESPACE, ROLLOUT, server)
    await stack.enter_async_context(running(model_traffic.offer_load(server)))
    port = await stack.enter_async_context(serving(model_traffic.application(server)))
    setting.write_scrape_target(at.platform.targets, port)
