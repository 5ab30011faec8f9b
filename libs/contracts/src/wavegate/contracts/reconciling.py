"""The one shape for all work: reconcile(key) (architecture §2), as values and ports. `wavegate.runtime` drives it.

    observe → decide (pure) → compare-and-set our state with its outbox → act → publish the outbox

A turn that acted is followed by another, which decides with the outcomes in hand (and without the hints), so that what was
done is recorded before anything else happens. A look ends with a turn that heard the hints and changed nothing: deciding
must therefore be idempotent, as it must be anyway for messages that come twice. A crash between acting and recording repeats the act: acts are therefore idempotent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from wavegate.contracts.events import Emitted
from wavegate.contracts.model import Contract

StateT = TypeVar("StateT")
ObservedT = TypeVar("ObservedT")
ActionT = TypeVar("ActionT")


@dataclass(frozen=True, slots=True)
class Decision(Generic[StateT, ActionT]):
    """What follows from what was observed.

    `state` is the new state of our own object, None to leave it; `actions` are done after it is recorded; `events` go to
    the outbox in the same write; `wake_at` is when to look again, None when only a watch or a message can matter.
    """

    state: StateT | None = None
    actions: tuple[ActionT, ...] = ()
    events: tuple[Emitted, ...] = ()
    wake_at: datetime | None = None


class OutboxEntry(Contract):
    """An event that its state object owes to the bus: everything needed to publish it, as recorded with the transition."""

    id: str
    type: str
    time: datetime
    data: dict[str, Any]
    cause: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Stored(Generic[StateT]):
    """A state object as read: the state, what it still owes, and the version to compare against when writing."""

    state: StateT | None
    version: str
    outbox: tuple[OutboxEntry, ...] = ()


class StateConflict(Exception):
    """Somebody else wrote the state object since it was read: look again."""


class StateStore(Protocol[StateT]):
    """Our state objects, written only by compare-and-set."""

    async def read(self, key: str) -> Stored[StateT] | None:
        """Return the state object of `key`, None when there is none."""

    async def write(self, key: str, state: StateT, outbox: tuple[OutboxEntry, ...], version: str | None) -> str:
        """Write state and outbox if the stored version is still `version` (None: if there is none yet).

        Returns: the new version.

        Raises:
            StateConflict: The stored version differs.
        """


@dataclass(frozen=True, slots=True)
class Hint:
    """A message that asked to look at a key: its id, what it says, and its trace context."""

    id: str
    message: Any
    traceparent: str | None = None
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """An input that was refused while working on a key; handed to `reject` so that it is recorded, not lost."""

    reason: str
    message: str
    hints: tuple[Hint, ...] = field(default=())


class Reconciler(Protocol[ObservedT, StateT, ActionT]):
    """A service's work on one kind of key."""

    async def observe(self, key: str, state: StateT | None, hints: Sequence[Hint]) -> ObservedT | None:
        """Look at the world. None when there is nothing to do, such as when the object is gone."""

    def decide(
        self, observed: ObservedT, state: StateT | None, outcomes: Sequence[Any], now: datetime
    ) -> Decision[StateT, ActionT]:
        """Decide, purely. `outcomes` are what the last pass's actions gave, empty in a first pass."""

    async def act(self, key: str, observed: ObservedT, actions: Sequence[ActionT]) -> Sequence[Any]:
        """Do what was decided and was recorded; return the outcomes for the next decision. Idempotent."""
