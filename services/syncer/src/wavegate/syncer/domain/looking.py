"""What the syncer sees when it looks at an application, and the turn in which it decides.

A turn gathers what follows, step by step: the state to record, what to do, what to tell, when to look again. Steps take a
turn and return the next one; nothing is changed in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from wavegate.contracts.application import ApplicationEvent
from wavegate.contracts.commands import RenderApplication
from wavegate.contracts.events import Emitted
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Hint
from wavegate.contracts.references import Commit
from wavegate.manifests.comanaged import CoManagement
from wavegate.manifests.identity import JsonObject, ObjectKey
from wavegate.manifests.project import Project
from wavegate.syncer.domain.actions import Action, Outcome
from wavegate.syncer.domain.applications import Application
from wavegate.syncer.domain.state import ApplicationState, Operation, Render
from wavegate.syncer.domain.wanted import Wanted


@dataclass(frozen=True, slots=True)
class Offer:
    """The newest render that this process has heard of, and when; it may not be recorded yet."""

    render: Render
    at: datetime


@dataclass(frozen=True, slots=True)
class BundleFault:
    """Why a bundle cannot be had."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Tips:
    """What git-watcher knows of the application's sources: a commit or a failure for each, None while it knows neither.

    `since` is when it saw the last of the commits.
    """

    commits: tuple[Commit | None, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
    since: datetime | None = None

    @property
    def known(self) -> tuple[Commit, ...] | None:
        """The commits, None unless every source has one."""
        found = tuple(commit for commit in self.commits if commit is not None)
        return found if found and len(found) == len(self.commits) else None


@dataclass(frozen=True)
class Observed:
    """The world as one look found it.

    Attributes:
        holder: this process.
        manager: the field manager under which objects are applied.
        offer: see `Offer`.
        bundles: by digest: those of the intent and of the newest render.
        live: by key: what the bundles want and what carries the application's mark.
        served: by apiVersion and kind: whether the API server serves the kind.
        moving: who co-manages fields now, by what lives; `planned` counts the bundles' own Rollouts and autoscalers too.
    """

    application: Application
    holder: str
    manager: str
    project: Project | None = None
    windows: bool = False
    tips: Tips = Tips()
    hints: tuple[Hint, ...] = ()
    offer: Offer | None = None
    bundles: Mapping[str, Wanted | BundleFault] = field(default_factory=dict)
    live: Mapping[ObjectKey, JsonObject] = field(default_factory=dict)
    served: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    moving: CoManagement = field(default_factory=CoManagement)
    planned: CoManagement = field(default_factory=CoManagement)


@dataclass(frozen=True)
class Turn:
    """One decision in the making."""

    seen: Observed
    now: datetime
    state: ApplicationState
    outcomes: tuple[Outcome, ...] = ()
    actions: tuple[Action, ...] = ()
    events: tuple[Emitted, ...] = ()
    wakes: tuple[datetime, ...] = ()

    @property
    def application(self) -> Application:
        """The application that is looked at."""
        return self.seen.application

    @property
    def operation(self) -> Operation | None:
        """The operation that runs, None when none does."""
        operation = self.state.operation
        return operation if operation is not None and operation.is_running else None

    def recording(self, **changes: Any) -> Turn:
        """Return the turn with changes to the state."""
        return replace(self, state=self.state.model_copy(update=changes))

    def operating(self, **changes: Any) -> Turn:
        """Return the turn with changes to the operation."""
        if self.state.operation is None:
            return self
        return self.recording(operation=self.state.operation.model_copy(update=changes))

    def doing(self, *actions: Action) -> Turn:
        """Return the turn with more to do."""
        return replace(self, actions=(*self.actions, *actions))

    def telling(self, message: ApplicationEvent | RenderApplication, occurrence: str) -> Turn:
        """Return the turn with an event or a command, in the trace of the intent."""
        intent = self.state.intent
        emitted = Emitted(
            message,
            occurrence,
            cause=intent.cause if intent else None,
            traceparent=intent.traceparent if intent else None,
        )
        return replace(self, events=(*self.events, emitted))

    def waking(self, at: datetime) -> Turn:
        """Return the turn with a time to look again."""
        return replace(self, wakes=(*self.wakes, at))

    def noting(self, topic: str, what: str) -> Turn:
        """Return the turn with what was said on a topic; saying nothing forgets the topic."""
        told = {**self.state.told, topic: what}
        return self.recording(told={key: value for key, value in told.items() if value})

    def has_told(self, topic: str, what: str) -> bool:
        """Say whether this was the last thing said on a topic."""
        return self.state.told.get(topic, "") == what

    def bundle(self, digest: str) -> Wanted | BundleFault | None:
        """Return a bundle that was looked at."""
        return self.seen.bundles.get(digest)
