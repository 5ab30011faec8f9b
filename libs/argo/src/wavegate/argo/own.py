"""Wavegate's own state objects (architecture §3): the envelope that all four share.

What stands in `state` belongs to the service that writes it, with a model of its own; the outbox holds the events that the
object still owes to the bus.
"""

from __future__ import annotations

from pydantic import Field

from wavegate.argo.model import Free, Part, Resource


class StateStatus(Part):
    """The state proper and its outbox, written together or not at all."""

    state: Free | None = None
    outbox: tuple[Free, ...] = ()


class StateObject(Resource):
    """An object that holds a service's state about another one."""

    spec: Free = Field(default_factory=dict)
    status: StateStatus = StateStatus()


class RepositoryState(StateObject):
    """git-watcher's: which revision each ref of a repository stands at, and its sequence number."""


class ApplicationState(StateObject):
    """The syncer's: the intent in force, the progress of its plan, what was applied."""


class RolloutState(StateObject):
    """The analyzer's: the progress of steps and measurements."""


class NotificationLedger(StateObject):
    """The notifier's: which messages are owed and which are sent."""
