"""Peace for destinations that asked for it."""

import sys
from collections.abc import Sequence
from pathlib import Path

from wavegate.contracts.reasons import Reason
from wavegate.notifier.adapters.courier import GatedCourier
from wavegate.notifier.domain.configuration import Configuration, Service
from wavegate.notifier.domain.observation import Accepted, Delivery, Outcome, Postponed, Refused
from wavegate.runtime.memory import VirtualClock

sys.path.insert(0, str(Path(__file__).parent))
from deliveries import configured, delivery

SLACK = Service("slack", "slack")


class Scripted:
    """A channel that answers from a list, then accepts."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes, self.asked = list(outcomes), 0

    async def deliver(self, service: Service, delivery: Delivery) -> Outcome:
        del service
        self.asked += 1
        return self.outcomes.pop(0) if self.outcomes else Accepted(delivery.entry)


async def sent(courier: GatedCourier, *deliveries: Delivery, to: Configuration | None = None) -> Sequence[Outcome]:
    return await courier.deliver_all(to or configured(SLACK), deliveries)


async def test_a_destination_that_asked_to_wait_is_left_alone_and_others_are_not() -> None:
    clock = VirtualClock()
    channel = Scripted(Postponed("e", Reason.DESTINATION_UNAVAILABLE, "429", after_seconds=30))
    courier = GatedCourier({"slack": channel}, clock)
    await sent(courier, delivery())
    (waits,) = await sent(courier, delivery())
    assert isinstance(waits, Postponed)
    assert (waits.asked, waits.after_seconds, channel.asked) == (False, 30.0, 1)
    assert isinstance((await sent(courier, delivery(recipient="other")))[0], Accepted)
    clock.advance(30)
    assert isinstance((await sent(courier, delivery()))[0], Accepted)


async def test_a_service_that_does_not_answer_costs_one_timeout() -> None:
    channel = Scripted(Postponed("e", Reason.DESTINATION_UNAVAILABLE, "timeout", doubt=True))
    courier = GatedCourier({"slack": channel}, VirtualClock())
    await sent(courier, delivery())
    outcomes = await sent(courier, delivery(recipient="a"), delivery(recipient="b"))
    assert [isinstance(one, Postponed) for one in outcomes] == [True, True]
    assert channel.asked == 1


async def test_a_service_that_is_gone_or_malformed_refuses_by_name() -> None:
    courier = GatedCourier({"slack": Scripted()}, VirtualClock())
    (gone,) = await sent(courier, delivery(), to=configured())
    assert isinstance(gone, Refused)
    assert gone.reason is Reason.SERVICE_NOT_CONFIGURED
