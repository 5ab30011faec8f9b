"""What the handlers need from outside, in the domain's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from wavegate.notifier.domain.configuration import Configuration
from wavegate.notifier.domain.observation import Delivery, Outcome
from wavegate.notifier.domain.scopes import Json, Scope


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present, with its zone."""


@dataclass(frozen=True, slots=True)
class Found:
    """An object, and the AppProject whose subscriptions it shares."""

    object: Json
    project: Json | None = None


class Objects(Protocol):
    """The notified objects of one kind."""

    async def find(self, key: str, *, fresh: bool) -> Found | None:
        """Return the object `<namespace>/<name>`, None when there is none. `fresh`: not from a cache.

        Raises:
            RetryLater: The API server does not answer.
        """


@dataclass(frozen=True, slots=True)
class Current:
    """The configuration in force, and why the newest one is not (empty when it is)."""

    configured: Configuration
    problem: str = ""


class Configurations(Protocol):
    """The configuration as last read."""

    def current(self) -> Current:
        """Return it: the last good one when the newest does not parse."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a condition gave. `error` says why it could not be run; it is then not triggered."""

    triggered: bool
    once_per: str = ""
    error: str = ""


class Languages(Protocol):
    """The languages that the configuration is written in."""

    async def evaluate(self, when: str, once_per: str, scope: Scope) -> Evaluation:
        """Evaluate a condition and, when it is true, what it fires once for.

        Raises:
            RetryLater: The evaluator itself failed.
        """

    async def render(self, texts: Mapping[str, str], scope: Scope) -> dict[str, str]:
        """Render Go templates, each under its name.

        Raises:
            Rejected: `TemplateFailed`, with the language's own text.
            RetryLater: The renderer itself failed.
        """

    async def value_of(self, yaml: str) -> Any:
        """Return the one JSON value of a YAML text, as Kubernetes reads it; None for an empty one.

        Raises:
            Rejected: `InvalidConfiguration`: no YAML, or several documents.
            RetryLater: The parser itself failed.
        """


class Courier(Protocol):
    """Brings messages to their destinations."""

    async def deliver_all(self, configured: Configuration, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Deliver messages to different destinations, one outcome for each; never raises for a destination's sake."""
