"""What tests do around git-watcher: make Applications, deliver webhooks, and read what came of it."""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

from wavegate.contracts.identity import repository_id
from wavegate.contracts.reconciling import OutboxEntry
from wavegate.git_watcher.adapters.applications import APPLICATION
from wavegate.git_watcher.adapters.repository_states import REPOSITORY_STATE
from wavegate.git_watcher.adapters.webhook_secret import KEY, NAME, SECRET
from wavegate.kube import KubeClient, NotFound
from wavegate.runtime.clock import SystemClock
from wavegate.runtime.memory import MemoryBus
from wavegate.runtime.reconcile_loop import ReconcileLoop
from wavegate.runtime.reconciliation import Reconciliation
from wavegate.runtime.telemetry import Telemetry


class LoopService:
    """The service as `wire` sees it, with the bus in memory."""

    def __init__(self) -> None:
        self.clock, self.bus = SystemClock(), MemoryBus()
        self.forever: list[Callable[[], Awaitable[Any]]] = []
        self.parts: dict[str, Callable[[], bool]] = {}
        self.look_at_all: Callable[[], None] = lambda: None

    def reconcile_loop(self, name: str, reconciler: Any, store: Any) -> Any:
        loop = ReconcileLoop(name, Reconciliation(reconciler, store, self.bus, self.clock), Telemetry("git-watcher"))
        self.forever.append(loop.run)
        return loop

    def run_forever(self, work: Callable[[], Awaitable[Any]]) -> None:
        self.forever.append(work)

    def ready_when(self, part: str, is_ready: Callable[[], bool]) -> None:
        self.parts[part] = is_ready

    def rescan(self, rescan: Callable[[], None]) -> None:
        self.look_at_all = rescan

    def is_ready(self) -> bool:
        return all(is_ready() for is_ready in self.parts.values())

    @property
    def web(self) -> uvicorn.Server:
        bound = [getattr(work, "__self__", None) for work in self.forever]
        return next(one for one in bound if isinstance(one, uvicorn.Server))


class Watched:
    """A repository that is watched, with people's access to the cluster."""

    def __init__(self, people: KubeClient, service: LoopService, url: str) -> None:
        self.people, self.service, self.url = people, service, url
        self.names: list[str] = []

    async def application(self, target: str = "main", url: str | None = None) -> str:
        name = f"watched-{secrets.token_hex(4)}"
        source = {"repoURL": url or self.url, "path": "app", "targetRevision": target}
        await self.people.create(
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "Application",
                "metadata": {"name": name, "namespace": "argocd"},
                "spec": {"project": "default", "source": source, "destination": {"namespace": "prod"}},
            }
        )
        self.names.append(name)
        return name

    async def state(self, url: str | None = None) -> dict[str, Any]:
        name = f"repository-{repository_id(url or self.url)}"
        try:
            found = await self.people.get(REPOSITORY_STATE, "argocd", name)
        except NotFound:
            return {}
        state: dict[str, Any] = found.get("status", {}).get("state", {})
        return state

    async def tip(self, target: str = "main") -> tuple[str, int]:
        entry = (await self.state()).get("refs", {}).get(target, {})
        return entry.get("sha", ""), entry.get("seq", 0)

    async def until_tip(self, sha: str, seq: int, target: str = "main") -> None:
        async def stands() -> bool:
            return await self.tip(target) == (sha, seq)

        await self.until_async(stands)

    def events(self, name: str) -> list[OutboxEntry]:
        return [entry for entry in self.service.bus.stored.values() if entry.type.split(".")[-2] == name]

    async def set_secret(self, value: str) -> None:
        data = {"data": {KEY: base64.b64encode(value.encode()).decode()}}
        try:
            await self.people.patch(SECRET, "argocd", NAME, data)
        except NotFound:
            await self.people.create(
                {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": NAME, "namespace": "argocd"}, **data}
            )

    async def deliver(self, secret: str, ref: str, after: str, *, forced: bool = False) -> int:
        repository = {"clone_url": self.url, "html_url": self.url.removesuffix(".git")}
        body = json.dumps({"ref": ref, "after": after, "forced": forced, "repository": repository}).encode()
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Host": "x",
            "Content-Length": str(len(body)),
            "X-GitHub-Event": "push",
            "X-Hub-Signature-256": signature,
            "Connection": "close",
        }
        port = self.service.web.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        lines = ["POST /api/webhook HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return int(answer.split()[1])

    async def clean_up(self) -> None:
        for name in self.names:
            await self.people.delete(APPLICATION, "argocd", name)

    async def until(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)

    async def until_async(self, condition: Callable[[], Awaitable[bool]], seconds: float = 15.0) -> None:
        async with asyncio.timeout(seconds):
            while not await condition():
                await asyncio.sleep(0.02)
