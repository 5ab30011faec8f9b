"""Webhooks and polling: which revision is where."""
