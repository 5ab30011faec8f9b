"""The model server at work: it learns from the cluster where requests go, and answers them."""

import asyncio
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from wavegate.demo.standins.kinds import REPLICA_SET, ROLLOUT, SERVICE, VIRTUAL_SERVICE
from wavegate.demo.standins.model_server import ModelServer, destinations
from wavegate.kube.client import Selection
from wavegate.kube.watches import SharedWatch, SharedWatches

REQUESTS_PER_SECOND = 1000
_TICK = 0.05
# After a stall the load goes on at its rate; it does not make up for lost time all at once.
_LONGEST_TICK = 0.5


class Routing:
    """Keeps the model server's destinations as VirtualService, Services, Rollout and ReplicaSets have them."""

    def __init__(self, watches: SharedWatches, namespace: str, name: str, server: ModelServer) -> None:
        selection = Selection(namespace=namespace)
        self._place = (namespace, name)
        self._server = server
        self._watches: Mapping[str, SharedWatch] = {
            gvk.kind: watches.watch(gvk, selection) for gvk in (VIRTUAL_SERVICE, SERVICE, ROLLOUT, REPLICA_SET)
        }
        for watch in self._watches.values():
            watch.on_change(lambda _: self._look())

    def _look(self) -> None:
        virtual_service = self._watches[VIRTUAL_SERVICE.kind].get(*self._place)
        rollout = self._watches[ROLLOUT.kind].get(*self._place)
        if virtual_service is None or rollout is None:
            self._server.route(())
            return
        services, replica_sets = (self._watches[gvk.kind].items() for gvk in (SERVICE, REPLICA_SET))
        self._server.route(destinations(virtual_service, services, rollout, replica_sets))


async def offer_load(server: ModelServer) -> None:
    """Ask for predictions at a steady rate until cancelled."""
    loop = asyncio.get_running_loop()
    last, owed = loop.time(), 0.0
    while True:
        await asyncio.sleep(_TICK)
        now = loop.time()
        owed += min(now - last, _LONGEST_TICK) * REQUESTS_PER_SECOND
        last = now
        for _ in range(int(owed)):
            server.predict()
        owed %= 1.0


def application(server: ModelServer) -> Starlette:
    """Serve `/predict` and `/metrics`."""

    async def predict(_: Request) -> JSONResponse:
        prediction = server.predict()
        if prediction is None or prediction.status != 200:
            return JSONResponse({"error": "no prediction"}, 503)
        return JSONResponse({"fraud": 0.07, "model": prediction.destination.tag})

    async def metrics(_: Request) -> PlainTextResponse:
        return PlainTextResponse(server.metrics(), media_type="text/plain; version=0.0.4")

    return Starlette(routes=[Route("/predict", predict, methods=["GET", "POST"]), Route("/metrics", metrics)])
