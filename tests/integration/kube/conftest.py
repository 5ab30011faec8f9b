"""A client of the real API server, and a namespace of the test's own."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from wavegate.kube import GroupVersionKind, KubeClient

NAMESPACE = GroupVersionKind("", "v1", "Namespace")


@dataclass(frozen=True)
class Place:
    """A client and the namespace that it may fill."""

    client: KubeClient
    namespace: str
    kubeconfig: Path

    def config_map(self, name, **data):
        """A ConfigMap manifest."""
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": self.namespace},
            "data": data,
        }


@pytest.fixture
async def place(control_plane) -> AsyncIterator[Place]:
    kubeconfig = Path(control_plane.kubeconfig)
    async with KubeClient.connect(kubeconfig, field_manager="wavegate-test") as client:
        name = f"kube-{secrets.token_hex(4)}"
        await client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        yield Place(client, name, kubeconfig)
