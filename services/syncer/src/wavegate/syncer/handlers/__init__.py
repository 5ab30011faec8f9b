"""Observe, decide, act: the syncer's work on one application."""

from wavegate.syncer.handlers.syncing import Syncing

__all__ = ["Syncing"]
