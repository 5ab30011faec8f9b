"""Kubernetes API access: read, apply, shared watches, typed errors."""
