"""Observe, let the domain decide, act: one module for each kind of key."""
