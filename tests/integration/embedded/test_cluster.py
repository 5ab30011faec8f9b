"""The cluster with its controllers: Pods are scheduled for real and played by kwok."""

import asyncio

import pytest

from wavegate.embedded.platform import CLUSTER, Platform
from wavegate.kube import GroupVersionKind, KubeClient

pytestmark = pytest.mark.integration

DEPLOYMENT = GroupVersionKind("apps", "v1", "Deployment")
CLAIM = GroupVersionKind("", "v1", "PersistentVolumeClaim")

SERVER = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "server", "namespace": "default"},
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "server"}},
        "template": {
            "metadata": {"labels": {"app": "server"}},
            "spec": {"containers": [{"name": "server", "image": "example.org/server:1"}]},
        },
    },
}
STANDING = {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/nowhere"}}
VOLUME = {
    "apiVersion": "v1",
    "kind": "PersistentVolume",
    "metadata": {"name": "standing"},
    "spec": {**STANDING, "storageClassName": ""},
}
CLAIMED = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "claimed", "namespace": "default"},
    "spec": {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "",
        "resources": {"requests": {"storage": "1Gi"}},
    },
}


async def status_when(kube, kind, name, holds):
    async with asyncio.timeout(30):
        while not holds(status := (await kube.get(kind, "default", name)).get("status") or {}):
            await asyncio.sleep(0.05)
    return status


async def test_pods_of_a_deployment_run_and_a_claim_binds():
    async with (
        Platform(CLUSTER) as platform,
        KubeClient.connect(platform.kubeconfigs["syncer"], field_manager="test") as kube,
    ):
        for manifest in (SERVER, VOLUME, CLAIMED):
            await kube.create(manifest)
        status = await status_when(kube, DEPLOYMENT, "server", lambda seen: seen.get("readyReplicas") == 3)
        assert status["availableReplicas"] == 3
        await status_when(kube, CLAIM, "claimed", lambda seen: seen.get("phase") == "Bound")
