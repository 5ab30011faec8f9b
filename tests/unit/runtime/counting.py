"""A small reconciler to try the shape on: it copies a wanted number into a world, one step at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from wavegate.contracts.application import SyncStarted, SyncSucceeded
from wavegate.contracts.events import Emitted
from wavegate.contracts.model import Contract
from wavegate.contracts.reconciling import Decision, Hint
from wavegate.contracts.references import ObjectRef


class Progress(Contract):
    """How far the intent of this number was brought: `intent` rises with every accepted number (the fence)."""

    intent: int = 0
    target: int | None = None
    seq: int = 0
    done: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    wanted: tuple[int, int] | None
    live: int | None
    live_intent: int


@dataclass(frozen=True, slots=True)
class Write:
    value: int
    intent: int


@dataclass
class World:
    """The outside: a value with the intent that wrote it, and the history of writes."""

    value: int | None = None
    intent: int = 0
    writes: list[tuple[int, int]] = field(default_factory=list)


OBJECT = ObjectRef(namespace="argocd", name="app", uid="u")


@dataclass
class Counting:
    """Wanted values come as (seq, value); an automatic intent with a lower seq is refused."""

    world: World
    wanted: tuple[int, int] | None = None
    name: ClassVar[str] = "counting"

    async def observe(self, key: str, state: Progress | None, hints: Sequence[Hint]) -> Seen:
        offers = [hint.message for hint in hints]
        wanted = max([*offers, *([self.wanted] if self.wanted else [])], default=None)
        return Seen(wanted, self.world.value, self.world.intent)

    def decide(
        self, seen: Seen, state: Progress | None, outcomes: Sequence[Any], now: datetime
    ) -> Decision[Progress, Write]:
        state = state or Progress()
        if not state.done and seen.live == state.target and seen.live_intent == state.intent:
            done = state.model_copy(update={"done": True})
            return Decision(
                done, events=(Emitted(SyncSucceeded(object=OBJECT, intent=state.intent), f"{state.intent}"),)
            )
        if seen.wanted is not None and seen.wanted[0] > state.seq:
            new = Progress(intent=state.intent + 1, target=seen.wanted[1], seq=seen.wanted[0], done=False)
            started = Emitted(SyncStarted(object=OBJECT, intent=new.intent, waves=(0,), objects=1), f"{new.intent}")
            return Decision(new, (Write(seen.wanted[1], new.intent),), (started,))
        if not state.done and state.target is not None:
            return Decision(None, (Write(state.target, state.intent),))
        return Decision()

    async def act(self, key: str, observed: Seen, actions: Sequence[Write]) -> Sequence[Any]:
        for write in actions:
            if write.intent >= self.world.intent:
                self.world.value, self.world.intent = write.value, write.intent
                self.world.writes.append((write.intent, write.value))
        return [None]
