"""Asking the API server and the bus for what the commands show."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from wavegate.cli.applications import APPLICATION
from wavegate.cli.reach import OutOfReach, Reach, bus
from wavegate.cli.rollouts import ANALYSIS_RUN, ROLLOUT
from wavegate.kube import GroupVersionKind, KubeClient, Selection, SharedWatches
from wavegate.runtime import event_reader
from wavegate.runtime.event_reader import EVERYTHING, ReadEvent, about

Object = dict[str, Any]
NAME = "wavegate-cli"


async def applications(kubeconfig: Path, namespace: str) -> list[Object]:
    """Return all Applications of a namespace."""
    async with KubeClient.connect(kubeconfig, field_manager=NAME) as client:
        return list((await client.list(APPLICATION, Selection(namespace))).items)


async def one(kubeconfig: Path, gvk: GroupVersionKind, name: str, namespace: str | None) -> Object:
    """Return the one object of a name; without a namespace it is looked for in all.

    Raises:
        OutOfReach: There is none, or more than one.
    """
    async with KubeClient.connect(kubeconfig, field_manager=NAME) as client:
        return await _one(client, gvk, name, namespace)


async def _one(client: KubeClient, gvk: GroupVersionKind, name: str, namespace: str | None) -> Object:
    found = (await client.list(gvk, Selection(namespace, fields=f"metadata.name={name}"))).items
    if not found:
        raise OutOfReach(f"there is no {gvk.kind} {name}" + (f" in {namespace}" if namespace else ""))
    if len(found) > 1:
        places = ", ".join(sorted(each["metadata"]["namespace"] for each in found))
        raise OutOfReach(f"{gvk.kind} {name} is in {places}: say which with --namespace")
    return found[0]


async def rollout(kubeconfig: Path, name: str, namespace: str | None) -> tuple[Object, list[Object]]:
    """Return a Rollout and the AnalysisRuns of its namespace."""
    async with KubeClient.connect(kubeconfig, field_manager=NAME) as client:
        found = await _one(client, ROLLOUT, name, namespace)
        runs = await client.list(ANALYSIS_RUN, Selection(found["metadata"]["namespace"]))
        return found, list(runs.items)


async def follow_rollout(
    kubeconfig: Path, name: str, namespace: str | None, show: Callable[[Object, list[Object]], None]
) -> None:
    """Call `show` now and whenever the Rollout or its AnalysisRuns change, until the Rollout is gone."""
    async with KubeClient.connect(kubeconfig, field_manager=NAME) as client:
        place = (await _one(client, ROLLOUT, name, namespace))["metadata"]["namespace"]
        moved = asyncio.Event()
        async with SharedWatches(client) as watches:
            rollouts = watches.watch(ROLLOUT, Selection(place, fields=f"metadata.name={name}"))
            runs = watches.watch(ANALYSIS_RUN, Selection(place))
            for watch in (rollouts, runs):
                watch.on_change(lambda _: moved.set())
                await watch.synced.wait()
            while (found := rollouts.get(place, name)) is not None:
                moved.clear()
                show(found, list(runs.items()))
                await moved.wait()


async def events(found: Reach, name: str, since: datetime | None, *, follow: bool) -> AsyncIterator[ReadEvent]:
    """Yield events about objects of a name (all if empty), from `since` on."""
    subject = about(name) if name else EVERYTHING
    async with event_reader.opened(bus(found), found.nats_seed, found.nats_ca) as reader:
        async for event in reader.read(subject, follow=follow, since=since):
            yield event
