"""The commands against the real API server and bus, as people run them."""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wavegate.kube import KubeClient

pytestmark = pytest.mark.integration

SHA = "b" * 40


RUNTIME: list[str] = []


@pytest.fixture(autouse=True)
def _no_platform_of_somebody_else(tmp_path: Path) -> None:
    """Look for running platforms in a folder of the test's own: one that somebody has up here is not what is asked."""
    RUNTIME.append(str(tmp_path))


async def started(*arguments: str, **environment: str) -> asyncio.subprocess.Process:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    alone = kept | {"XDG_RUNTIME_DIR": RUNTIME[-1], "COLUMNS": "200"} | environment
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wavegate.cli", *arguments, env=alone, stdout=-1, stderr=-1
    )


async def wavegate(*arguments: str, **environment: str) -> tuple[int, str, str]:
    process = await started(*arguments, **environment)
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def create(control_plane: Any, kind: str, name: str, namespace: str, spec: dict[str, Any]) -> KubeClient:
    async with KubeClient.connect(Path(control_plane.kubeconfig), field_manager="test") as client:
        metadata = {"namespace": namespace, "name": name}
        return await client.create(  # type: ignore[return-value]
            {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
        )


@pytest.fixture
async def application(control_plane: Any) -> str:
    name = f"cli-{secrets.token_hex(4)}"
    spec = {
        "project": "default",
        "source": {"repoURL": "https://git.example.com/x.git", "path": "."},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "default"},
    }
    await create(control_plane, "Application", name, "argocd", spec)
    return name


@pytest.fixture
async def rollout(control_plane: Any) -> str:
    name = f"cli-{secrets.token_hex(4)}"
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "model:v1"}]}}
    spec = {
        "replicas": 1,
        "selector": {"matchLabels": {"a": "b"}},
        "template": template,
        "strategy": {"canary": {"steps": [{"setWeight": 10}]}},
    }
    await create(control_plane, "Rollout", name, "default", spec)
    return name


@pytest.mark.shows("`wavegate app`, `rollout get --watch`, `events`", "works")
async def test_applications_are_listed_and_shown(control_plane: Any, application: str) -> None:
    config = str(control_plane.kubeconfig)
    status, out, _ = await wavegate("app", "list", "--kubeconfig", config)
    assert (status, application in out, out.splitlines()[0].split()[:2]) == (0, True, ["NAME", "PROJECT"])
    status, out, _ = await wavegate("app", "get", application, KUBECONFIG=config)
    assert (status, "https://git.example.com/x.git" in out) == (0, True)
    status, out, _ = await wavegate("app", "get", application, "-o", "json", KUBECONFIG=config)
    assert json.loads(out)["metadata"]["name"] == application


async def test_a_rollout_is_found_in_any_namespace(control_plane: Any, rollout: str) -> None:
    status, out, _ = await wavegate("rollout", "get", rollout, KUBECONFIG=str(control_plane.kubeconfig))
    assert (status, f"default/{rollout}" in out, "model:v1" in out) == (0, True, True)


async def test_a_rollout_is_watched_until_it_is_gone(control_plane: Any, rollout: str) -> None:
    from wavegate.cli.rollouts import ROLLOUT

    process = await started("rollout", "get", rollout, "--watch", KUBECONFIG=str(control_plane.kubeconfig))
    assert process.stdout is not None
    async with KubeClient.connect(Path(control_plane.kubeconfig), field_manager="test") as client, asyncio.timeout(30):
        assert await process.stdout.readline()
        await client.patch(ROLLOUT, "default", rollout, {"status": {"phase": "Paused"}}, subresource="status")
        while b"Paused" not in await process.stdout.readline():
            assert process.returncode is None
        await client.delete(ROLLOUT, "default", rollout)
        await process.communicate()
    assert process.returncode == 0


async def test_what_is_not_there_is_named(control_plane: Any) -> None:
    status, _, err = await wavegate("app", "get", "nope", KUBECONFIG=str(control_plane.kubeconfig))
    assert (status, err.strip()) == (1, "wavegate: there is no Application nope in argocd")
    status, _, err = await wavegate("app", "list")
    assert (status, "wavegate up" in err) == (1, True)


async def test_events_are_read_from_the_bus(events_said: Callable[[str], Any], nats_server: Any) -> None:
    name = f"cli.{secrets.token_hex(4)}"
    await events_said(name)
    seed = str(nats_server.seeds["observer"])
    where = ("--nats", nats_server.nats_url, "--nats-seed", seed)
    status, out, err = await wavegate("events", "--app", name, *where)
    assert status == 0, err
    (line,) = out.splitlines()
    assert "SyncSucceeded" in line
    assert f"argocd/{name}" in line
    assert "bbbbbbb (seq 3)" in line
    status, out, _ = await wavegate("events", "--app", name, "--json", *where)
    assert json.loads(out)["data"]["intent"] == 5


async def test_a_bus_that_is_not_there_is_named() -> None:
    status, _, err = await wavegate("events", "--nats", "nats://127.0.0.1:1")
    assert (status, "BusUnavailable" in err) == (1, True)
