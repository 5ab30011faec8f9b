"""Deliveries and services that the adapter tests share."""

from typing import Any

from wavegate.notifier.domain.configuration import Configuration, Service
from wavegate.notifier.domain.destinations import Destination
from wavegate.notifier.domain.messages import Message
from wavegate.notifier.domain.observation import Delivery
from wavegate.runtime.memory import EPOCH

ENTRY = "e" * 32


def delivery(service: str = "slack", recipient: str = "ml-releases", text: str = "hello", **more: Any) -> Delivery:
    fields = more.pop("fields", {})
    given: dict[str, Any] = {"entry": ENTRY, "attempt": 1, "since": EPOCH} | more
    return Delivery(destination=Destination(service, recipient), message=Message(text=text, fields=fields), **given)


def slack(address: str, **options: Any) -> Service:
    return Service("slack", "slack", {"token": "xoxb-1", "apiURL": f"{address}/api/"} | options)


def configured(*services: Service) -> Configuration:
    return Configuration(services={one.name: one for one in services})
