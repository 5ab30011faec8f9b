"""Puts into the cluster what the story presumes: foreign kinds, a volume, the metrics API, the notifications' settings."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wavegate.demo import content
from wavegate.kube.client import KubeClient
from wavegate.kube.errors import NotFound, UnknownKind
from wavegate.kube.resources import GroupVersionKind

NAMESPACE = "argocd"
_API_SERVICE = GroupVersionKind("apiregistration.k8s.io", "v1", "APIService")
_PATIENCE = 20.0
_ASK_AGAIN = 0.05


class NotReady(Exception):
    """Something that the story presumes did not come to be in time."""


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where messages go: the receivers' addresses, and the credentials that they know."""

    slack_url: str
    slack_token: str = field(repr=False)
    pagerduty_url: str
    pagerduty_key: str = field(repr=False)


async def lay_foundations(client: KubeClient, metrics_port: int, metrics_ca: Path) -> None:
    """Create kinds, volume and metrics API, and wait until all of them are there.

    Raises:
        NotReady: They were not, within 20 s.
    """
    foreign = content.definitions()
    await _apply_all(client, foreign)
    await _apply_all(client, content.cluster("storage"))
    await _apply_all(client, with_metrics_address(content.cluster("metrics-api"), metrics_port, metrics_ca))
    async with asyncio.TaskGroup() as group:
        group.create_task(_until(client, "APIService v1beta1.metrics.k8s.io", _metrics_answer))
        for found in foreign:
            group.create_task(_until(client, found["metadata"]["name"], _serves(found)))


async def configure_notifications(client: KubeClient, destinations: Destinations) -> None:
    """Create the notifications' ConfigMap and Secret."""
    await _apply_all(client, notifications(content.cluster("notifications-cm"), destinations))


async def register(client: KubeClient, files: Iterable[Path]) -> None:
    """Apply files, as a person does with kubectl."""
    await _apply_all(client, [found for file in files for found in content.documents(file)])


def with_metrics_address(objects: Iterable[content.Object], port: int, ca: Path) -> list[content.Object]:
    """Fill port and CA of the metrics API into its APIService."""
    filled = list(objects)
    for found in filled:
        if found["kind"] == "APIService":
            found["spec"]["service"]["port"] = port
            found["spec"]["caBundle"] = base64.b64encode(ca.read_bytes()).decode()
    return filled


def notifications(objects: Iterable[content.Object], destinations: Destinations) -> list[content.Object]:
    """Point the services at the receivers, and add the Secret that holds their credentials."""
    (config_map,) = objects
    data = config_map["data"]
    for service, url in (
        ("service.slack", destinations.slack_url),
        ("service.pagerdutyv2", destinations.pagerduty_url),
    ):
        lines = data[service].splitlines()
        data[service] = "\n".join(f"apiURL: {url}" if line.startswith("apiURL:") else line for line in lines) + "\n"
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "argocd-notifications-secret", "namespace": NAMESPACE},
        "stringData": {"slack-token": destinations.slack_token, "pagerduty-key-fraud": destinations.pagerduty_key},
    }
    return [config_map, secret]


def write_scrape_target(folder: Path, port: int) -> None:
    """Tell Prometheus, whole or not at all, where the model's metrics are."""
    target = [{"targets": [f"127.0.0.1:{port}"], "labels": {"job": "model-server"}}]
    fresh = folder / "model-server.new"
    fresh.write_text(json.dumps(target))
    fresh.rename(folder / "model-server.json")


async def _apply_all(client: KubeClient, objects: Iterable[Mapping[str, Any]]) -> None:
    for found in objects:
        await client.apply(found)


async def _until(client: KubeClient, what: str, holds: Callable[[KubeClient], Awaitable[bool]]) -> None:
    try:
        async with asyncio.timeout(_PATIENCE):
            while not await holds(client):  # noqa: ASYNC110 - nobody tells, the API server is asked
                await asyncio.sleep(_ASK_AGAIN)
    except TimeoutError:
        raise NotReady(f"{what} was not served within {_PATIENCE:.0f} s") from None


async def _metrics_answer(client: KubeClient) -> bool:
    found = await client.get(_API_SERVICE, None, "v1beta1.metrics.k8s.io")
    conditions = (found.get("status") or {}).get("conditions") or ()
    return any(each["type"] == "Available" and each["status"] == "True" for each in conditions)


def _serves(definition: content.Object) -> Callable[[KubeClient], Awaitable[bool]]:
    spec = definition["spec"]
    gvk = GroupVersionKind(spec["group"], spec["versions"][0]["name"], spec["names"]["kind"])

    async def served(client: KubeClient) -> bool:
        try:
            await client.list(gvk, page=1)
        except (UnknownKind, NotFound):
            await client.catalog.refresh()
            return False
        return True

    return served
