"""What every service's composition root starts with: bus, telemetry, probes, loops, and an orderly stop."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog

from wavegate.contracts.events import Emitted
from wavegate.contracts.platform import MemberJoined
from wavegate.contracts.reconciling import Reconciler, StateStore
from wavegate.runtime import bus, outbox, probes
from wavegate.runtime.bundles import NatsBundleStore
from wavegate.runtime.clock import Clock, SystemClock
from wavegate.runtime.reconcile_loop import ReconcileLoop, Ticket
from wavegate.runtime.reconciliation import ActionT, ObservedT, Reconciliation, StateT
from wavegate.runtime.settings import ServiceSettings, shown
from wavegate.runtime.settling import NobodyWaits, Receipts
from wavegate.runtime.telemetry import Telemetry, configure_logging

ASK_AGAIN = 0.5
"""Seconds after which whoever does not stop is told again."""

log = structlog.get_logger()


class Service:
    """A service while it is put together; `serve` runs it.

    Put together in this order: loops and watches, `deliver` and `rescan`, then `serve`.
    """

    def __init__(self, name: str, settings: ServiceSettings, clock: Clock) -> None:
        self.name = name
        self.clock = clock
        self.telemetry = Telemetry(name, settings.trace_file)
        broker = bus.broker(name, settings.nats_url, settings.nats_nkey_file, settings.nats_ca_file)
        self.bus = bus.Bus(name, broker, clock)
        self.bundles = NatsBundleStore(self.bus)
        self._settings = settings
        self._forever: list[Callable[[], Awaitable[Any]]] = []
        self._on_streams_recreated: list[Callable[[], None]] = []
        self._ready: dict[str, Callable[[], bool]] = {}
        self._parts_running: list[asyncio.Task[None]] = []

    def reconcile_loop(
        self,
        name: str,
        reconciler: Reconciler[ObservedT, StateT, ActionT],
        store: StateStore[StateT] | None,
        receipts: Receipts | None = None,
    ) -> ReconcileLoop[ObservedT, StateT, ActionT]:
        """Return a loop that runs with the service. `receipts` says which published events somebody still has to record."""
        reconciliation = Reconciliation(reconciler, store, self.bus, self.clock, receipts or NobodyWaits())
        loop = ReconcileLoop(name, reconciliation, self.telemetry, self._settings.workers)
        self._forever.append(loop.run)
        self._on_streams_recreated.append(loop.forget_published)
        return loop

    def run_forever(self, work: Callable[[], Awaitable[Any]]) -> None:
        """Run something that never ends, such as a watch, with the service; its failure ends the service."""
        self._forever.append(work)

    def ready_when(self, part: str, is_ready: Callable[[], bool]) -> None:
        """Let /readyz wait for a part."""
        self._ready[part] = is_ready

    def deliver(self, deliver: Callable[[Ticket], None]) -> None:
        """Hand this service's work messages to `deliver`, which gives them to a loop: `loop.hint(key, ticket)`."""
        self.bus.consume(deliver)

    def rescan(self, rescan: Callable[[], None]) -> None:
        """Call `rescan` when the bus lost its memory: look at every live object."""

        def recreated() -> None:
            for forget in self._on_streams_recreated:
                forget()
            rescan()

        self.bus.on_streams_recreated(recreated)

    async def serve(self) -> None:
        """Run until SIGTERM or SIGINT, or until a part fails."""
        running = asyncio.ensure_future(self._run())
        insisting: list[asyncio.Future[None]] = []

        def stop() -> None:
            insisting.append(asyncio.ensure_future(insist(running, self._parts_running)))

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        with suppress(asyncio.CancelledError):
            await running

    async def _run(self) -> None:
        await self._start_bus()
        async with asyncio.TaskGroup() as group:
            for work in self._forever:
                self._parts_running.append(group.create_task(_ensure(work())))
            if self._settings.probe_port:
                server = probes.server(self._settings.probe_host, self._settings.probe_port, self._parts)
                self._parts_running.append(group.create_task(server._serve()))  # noqa: SLF001 - `serve` would take the signals from us
            log.info("serving", settings=shown(self._settings))

    async def _start_bus(self) -> None:
        """Connect, waiting for bus, streams and consumers however long they take; the service is not ready meanwhile."""
        while True:
            try:
                await self.bus.start()
                break
            except Exception as error:  # noqa: BLE001 - whatever the client raises while the bus is not there yet
                log.info("waiting for the bus", error=type(error).__name__)
                await self.clock.sleep(0.25)
        joined = MemberJoined(service=self.name)
        await self.bus.publish([outbox.entry(Emitted(joined, self.clock.now().isoformat()), self.clock.now())])

    def _parts(self) -> dict[str, bool]:
        return {part: is_ready() for part, is_ready in self._ready.items()}


async def insist(running: asyncio.Future[Any], parts: Sequence[asyncio.Future[Any]], pause: float = ASK_AGAIN) -> None:
    """Cancel until it has ended: `asyncio.wait_for` of Python 3.11, which nats-py waits with, can swallow a cancellation.

    It does so when what it waits for is done at the very moment of the cancellation; the task then goes on for ever.
    """
    while not running.done():
        running.cancel()
        for part in parts:
            part.cancel()
        await asyncio.wait({running}, timeout=pause)


async def _ensure(work: Awaitable[Any]) -> None:
    await work


@asynccontextmanager
async def opened(name: str, settings: ServiceSettings) -> AsyncIterator[Service]:
    """Open a service: logging configured, connections closed at the end."""
    configure_logging(name, settings.log_level)
    service = Service(name, settings, SystemClock())
    try:
        yield service
    finally:
        await service.bus.stop()
        service.telemetry.close()
