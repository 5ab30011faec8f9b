"""One reconciler for each kind of object that people subscribe to."""

from wavegate.notifier.handlers.applications import Applications
from wavegate.notifier.handlers.rollouts import Rollouts

__all__ = ["Applications", "Rollouts"]
