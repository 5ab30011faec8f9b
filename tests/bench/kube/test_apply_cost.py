"""What a server-side apply costs us: CPU of this thread and wall time, against a real API server.

Architecture §12 measured about 0.7 ms of our CPU for the dynamic client; the budget here is the same on a quiet machine.
"""

import asyncio
import time
from pathlib import Path

import pytest

from wavegate.embedded.platform import CONTROL_PLANE, Platform
from wavegate.kube import ConnectionOptions, KubeClient

pytestmark = [pytest.mark.integration, pytest.mark.long]

APPLIES = 600
IN_FLIGHT = 16


def deployment(name):
    container = {
        "name": "model",
        "image": "registry.example.com/models/fraud:1.2.3",
        "ports": [{"containerPort": 8080, "protocol": "TCP"}],
        "env": [{"name": f"SETTING_{number}", "value": f"value {number}"} for number in range(8)],
        "resources": {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"memory": "1Gi"}},
    }
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": "default",
            "labels": labels,
            "annotations": {"wavegate.dev/intent": "7"},
        },
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


async def test_an_apply_costs_little_cpu():
    async with Platform(CONTROL_PLANE) as platform:
        options = ConnectionOptions(connections=IN_FLIGHT)
        kubeconfig = Path(platform.kubeconfig)
        async with KubeClient.connect(kubeconfig, field_manager="wavegate-bench", options=options) as client:
            manifests = [deployment(f"d{number % 50}") for number in range(APPLIES)]
            await asyncio.gather(*(client.apply(manifest) for manifest in manifests[:50]))
            gate = asyncio.Semaphore(IN_FLIGHT)

            async def one(manifest):
                async with gate:
                    await client.apply(manifest)

            cpu, wall = time.thread_time(), time.monotonic()
            await asyncio.gather(*(one(manifest) for manifest in manifests))
            cpu, wall = time.thread_time() - cpu, time.monotonic() - wall
    print(f"\napply: {cpu / APPLIES * 1000:.2f} ms CPU, {APPLIES / wall:.0f}/s with {IN_FLIGHT} in flight")
    assert cpu / APPLIES < 0.0025
