"""The real API server with an Application to notify about, and a bus with its streams."""

import asyncio
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wavegate.contracts import access
from wavegate.kube import GroupVersionKind, KubeClient
from wavegate.notifier.adapters.objects import APPLICATION
from wavegate.runtime import bus, provisioner
from wavegate.runtime.clock import SystemClock

NAMESPACE = "argocd"
LEDGER = GroupVersionKind("wavegate.dev", "v1alpha1", "NotificationLedger")
REVISION = "a" * 40


@dataclass
class Cluster:
    """The administrator's client, and how the notifier itself gets in."""

    client: KubeClient
    notifier_kubeconfig: Path

    async def configure(self, data: dict[str, str], secret: dict[str, str]) -> None:
        """Write argocd-notifications-cm and its Secret."""
        encoded = {key: b64encode(value.encode()).decode() for key, value in secret.items()}
        for kind, suffix, content in (("ConfigMap", "cm", data), ("Secret", "secret", encoded)):
            metadata = {"namespace": NAMESPACE, "name": f"argocd-notifications-{suffix}"}
            await self.client.apply({"apiVersion": "v1", "kind": kind, "metadata": metadata, "data": content})

    async def application(self, *subscribed: str) -> str:
        """Create an Application with subscriptions; returns its name."""
        name = f"app-{secrets.token_hex(4)}"
        prefix = "notifications.argoproj.io/subscribe"
        annotations = {f"{prefix}.{one.partition('=')[0]}": one.partition("=")[2] for one in subscribed}
        spec = {
            "project": "default",
            "source": {"repoURL": "https://git.example.com/x.git", "path": "."},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "default"},
        }
        metadata = {"namespace": NAMESPACE, "name": name, "annotations": annotations}
        await self.client.create(
            {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": spec}
        )
        return name

    async def report(self, name: str, phase: str, *, revision: str = REVISION, message: str = "") -> None:
        """Write an Application's status as the syncer does."""
        at = "2026-01-01T00:00:00Z"
        operation = {
            "phase": phase,
            "message": message,
            "startedAt": at,
            "finishedAt": at,
            "operation": {},
            "syncResult": {"revision": revision, "source": {"repoURL": "https://git.example.com/x.git"}},
        }
        status = {
            "sync": {"status": "Synced", "revision": revision},
            "health": {"status": "Healthy", "lastTransitionTime": at},
            "operationState": operation,
        }
        await self.client.patch(APPLICATION, NAMESPACE, name, {"status": status})

    async def ledger(self, name: str) -> dict[str, Any]:
        """Return the state in an Application's ledger."""
        found = await self.client.get(LEDGER, NAMESPACE, f"application-{name}")
        assert found["metadata"]["ownerReferences"][0]["name"] == name
        return dict(found["status"]["state"])


@pytest.fixture
async def cluster(control_plane: Any) -> AsyncIterator[Cluster]:
    async with KubeClient.connect(Path(control_plane.kubeconfig), field_manager="wavegate-test") as client:
        yield Cluster(client, Path(control_plane.kubeconfigs["notifier"]))


@pytest.fixture(scope="session")
def streams(nats_server: Any) -> Any:
    """The bus, with streams and consumers made by the provisioner."""

    async def provision() -> None:
        seed = Path(nats_server.seeds[access.PROVISIONER])
        connection = bus.Bus(
            access.PROVISIONER, bus.broker(access.PROVISIONER, nats_server.nats_url, seed, None), SystemClock()
        )
        await connection.start()
        try:
            await provisioner.provision(await connection.jetstream())
        finally:
            await connection.stop()

    asyncio.run(provision())
    return nats_server
