"""Where a message can go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Destination:
    """A configured service by name, and whom it reaches: a Slack channel, a PagerDuty service. May be empty."""

    service: str
    recipient: str = ""


Subscribed = Mapping[str, tuple[Destination, ...]]
"""Destinations by trigger name."""


def merged(parts: Iterable[Subscribed]) -> Subscribed:
    """Return all destinations, each once for a trigger, in the order in which they were first named."""
    result: dict[str, dict[Destination, None]] = {}
    for part in parts:
        for trigger, found in part.items():
            result.setdefault(trigger, {}).update(dict.fromkeys(found))
    return {trigger: tuple(found) for trigger, found in result.items()}
