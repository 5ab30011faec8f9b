"""The newest render that this process has heard of, for each application.

A push that does not touch an application is not recorded at once (`domain.receiving`), yet it must outrank what comes late:
it is remembered here. And what the repositories' own state said when this process first looked outranks older messages, so
that losing this memory opens no way back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wavegate.contracts.reconciling import Hint
from wavegate.contracts.references import Commit
from wavegate.syncer.domain import renders
from wavegate.syncer.domain.applications import Application
from wavegate.syncer.domain.looking import Offer
from wavegate.syncer.domain.state import ApplicationState


@dataclass
class Offers:
    """What was offered, by application. `now` tells the time."""

    now: Callable[[], datetime]
    _offers: dict[str, Offer] = field(default_factory=dict)
    _floors: dict[str, tuple[str, tuple[Commit, ...]]] = field(default_factory=dict)

    def newest(
        self,
        key: str,
        application: Application,
        state: ApplicationState | None,
        hints: Sequence[Hint],
        tips: Sequence[Commit],
    ) -> Offer | None:
        """Return the newest render of the present spec, hints included."""
        floor = self._floor(key, application.uid, tips)
        held = self._offers.get(key)
        recorded = state.render if state is not None and state.uid == application.uid else None
        known = (recorded, held.render if held is not None else None)
        render = renders.newest(known, hints, application.spec_digest, floor)
        if render is None:
            self._offers.pop(key, None)
            return None
        if held is None or held.render != render:
            self._offers[key] = Offer(render, self.now())
        return self._offers[key]

    def forget(self, key: str) -> None:
        """Drop an application that is gone."""
        self._offers.pop(key, None)
        self._floors.pop(key, None)

    def _floor(self, key: str, uid: str, tips: Sequence[Commit]) -> tuple[Commit, ...]:
        known = self._floors.get(key)
        if known is None or known[0] != uid:
            self._floors[key] = known = (uid, tuple(tips))
        return known[1]
