"""The reconciler that the loop drives: one application at a time, observe → decide → act."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wavegate.contracts.reconciling import Hint
from wavegate.syncer.domain.actions import Action
from wavegate.syncer.domain.deciding import SyncDecision, decide
from wavegate.syncer.domain.looking import Observed
from wavegate.syncer.domain.state import ApplicationState
from wavegate.syncer.handlers.acting import Actor
from wavegate.syncer.handlers.observing import Observer


@dataclass
class Syncing:
    """Keeps applications in sync. Keys are `<namespace>/<name>`."""

    observer: Observer
    actor: Actor

    async def observe(self, key: str, state: ApplicationState | None, hints: Sequence[Hint]) -> Observed | None:
        """Look at an application; None when it is gone."""
        return await self.observer.look(key, state, hints)

    def decide(
        self, observed: Observed, state: ApplicationState | None, outcomes: Sequence[Any], now: datetime
    ) -> SyncDecision:
        """Decide, purely."""
        return decide(observed, state, outcomes, now)

    async def act(self, key: str, observed: Observed, actions: Sequence[Action]) -> Sequence[Any]:  # noqa: ARG002
        """Carry out what was decided."""
        return await self.actor.act(key, actions)
