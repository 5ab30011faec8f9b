"""Delivery to all configured services, and peace for those that asked for it."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.notifier.domain.configuration import Configuration, Service, service_for
from wavegate.notifier.domain.observation import Delivery, Outcome, Postponed, Refused
from wavegate.notifier.ports import Clock

SHORTEST_REST = 2.0


class Channel(Protocol):
    """One kind of service."""

    async def deliver(self, service: Service, delivery: Delivery) -> Outcome:
        """Deliver one message; what the destination says is an outcome, not an exception."""


class GatedCourier:
    """Sends through the channel of each service's type.

    A destination that asked to wait, or a service that did not answer, is left alone by all messages until then: a dead
    service costs one timeout, not one for every message.
    """

    def __init__(self, channels: Mapping[str, Channel], clock: Clock) -> None:
        self._channels, self._clock = channels, clock
        self._resting: dict[tuple[str, ...], datetime] = {}

    async def deliver_all(self, configured: Configuration, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Deliver at the same time; one outcome for each."""
        return await asyncio.gather(*(self._deliver(configured, delivery) for delivery in deliveries))

    async def _deliver(self, configured: Configuration, delivery: Delivery) -> Outcome:
        if rest := self._rest(delivery):
            reason = Reason.DESTINATION_UNAVAILABLE
            return Postponed(delivery.entry, reason, "its destination asked for a pause", rest, asked=False)
        try:
            service = service_for(configured, delivery.destination.service)
            outcome = await self._channels[service.type].deliver(service, delivery)
        except Rejected as failure:
            return Refused(delivery.entry, failure.reason, failure.message)
        self._remember(delivery, outcome)
        return outcome

    def _rest(self, delivery: Delivery) -> float:
        """Return the seconds that the destination is still to be left alone."""
        keys = _keys(delivery)
        until = max((self._resting[key] for key in keys if key in self._resting), default=None)
        return max(0.0, (until - self._clock.now()).total_seconds()) if until else 0.0

    def _remember(self, delivery: Delivery, outcome: Outcome) -> None:
        now = self._clock.now()
        self._resting = {key: until for key, until in self._resting.items() if until > now}
        if isinstance(outcome, Postponed):
            destination, service = _keys(delivery)
            seconds = max(SHORTEST_REST, outcome.after_seconds)
            self._resting[service if outcome.doubt else destination] = now + timedelta(seconds=seconds)


def _keys(delivery: Delivery) -> tuple[tuple[str, ...], tuple[str, ...]]:
    to = delivery.destination
    return (to.service, to.recipient), (to.service,)
