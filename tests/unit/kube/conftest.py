"""A small server that speaks as much of the API server's protocol as a test scripts."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from wavegate.kube import ConnectionOptions, KubeClient

CORE = {
    "items": [
        {
            "metadata": {"name": ""},
            "versions": [
                {
                    "version": "v1",
                    "resources": [
                        {
                            "resource": plural,
                            "responseKind": {"group": "", "version": "v1", "kind": kind},
                            "scope": "Namespaced",
                            "verbs": ["get", "list", "watch"],
                        }
                        for plural, kind in (("configmaps", "ConfigMap"), ("secrets", "Secret"))
                    ],
                }
            ],
        }
    ]
}


class ScriptedServer:
    """Answers every request that is not discovery with the next line of its script."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        self.script = deque()
        self.stopped = asyncio.Event()
        self.asked = []
        self.discoveries = 0
        self.core = CORE

    def answers(self, *steps):
        """Append steps: each takes the request and returns a response."""
        self.script.extend(steps)

    async def handle(self, request):
        if request.path in {"/api", "/apis"}:
            self.discoveries += request.path == "/api"
            return web.json_response(self.core if request.path == "/api" else {"items": []})
        self.asked.append((request.method, request.raw_path.partition("?")[0], dict(request.query)))
        step = self.script.popleft() if self.script else self.hanging()
        return await step(request)

    @staticmethod
    def document(body, status=200, **headers):
        """A whole JSON answer."""

        async def answer(_):
            return web.json_response(body, status=status, headers=headers)

        return answer

    @staticmethod
    def status(code, reason="", message="no", **details):
        """A negative answer as the API server writes it."""
        body = {
            "kind": "Status",
            "status": "Failure",
            "code": code,
            "reason": reason,
            "message": message,
            "details": details,
        }
        return ScriptedServer.document(body, code)

    @staticmethod
    def text(body, code, **headers):
        """An answer that is not JSON."""

        async def answer(_):
            return web.Response(text=body, status=code, headers=headers)

        return answer

    def streaming(self, *events, cut=b"", hang=False):
        """A watch that says `events` and then ends, breaks off after `cut`, or hangs."""

        async def answer(request):
            response = web.StreamResponse()
            await response.prepare(request)
            for event in events:
                await response.write(json.dumps(event).encode() + b"\n")
            if cut:
                await response.write(cut)
                request.transport.close()
            if hang:
                await self.hanging()(request)
            return response

        return answer

    def hanging(self):
        """Say nothing until the client is gone."""

        async def answer(_):
            await self.stopped.wait()
            return web.Response()

        return answer


@pytest.fixture
async def server(tmp_path) -> AsyncIterator[ScriptedServer]:

    scripted = ScriptedServer(tmp_path / "kubeconfig")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", scripted.handle)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    scripted.kubeconfig.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
                "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "x",
                "users": [{"name": "u", "user": {"token": "t"}}],
            }
        )
    )
    yield scripted
    scripted.stopped.set()
    await runner.cleanup()


@pytest.fixture
async def client(server) -> AsyncIterator[KubeClient]:
    options = ConnectionOptions(call_seconds=0.5, largest_answer=10_000, longest_event=1_000)
    async with KubeClient.connect(server.kubeconfig, field_manager="wavegate-test", options=options) as opened:
        yield opened
