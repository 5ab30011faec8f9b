"""Sync policy and retry strategy, as an Application gives them (argocd.md §1.3, §2.6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h)")


def seconds(text: Any, default: float) -> float:
    """Read a Go duration such as `1m30s`; a bare number counts seconds; what cannot be read is the default."""
    written = str(text).strip() if isinstance(text, str | int | float) and not isinstance(text, bool) else ""
    if re.fullmatch(r"[0-9]+", written):
        return float(written)
    parts = _PART.findall(written)
    if not parts or "".join(number + unit for number, unit in parts) != written:
        return default
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a failed sync is tried again, and how long to wait; durations in seconds. `limit` < 0 means always."""

    limit: int = 5
    duration: float = 5.0
    factor: int = 2
    max_duration: float = 180.0

    @classmethod
    def of(cls, block: Mapping[str, Any]) -> RetryPolicy:
        """Read a `retry` block: without `limit` it means no retry."""
        given = block.get("backoff")
        backoff: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        limit, factor = block.get("limit"), backoff.get("factor")
        return cls(
            limit=limit if isinstance(limit, int) else 0,
            duration=seconds(backoff.get("duration"), 5.0),
            factor=factor if isinstance(factor, int) and factor > 0 else 2,
            max_duration=seconds(backoff.get("maxDuration"), 180.0),
        )

    def delay(self, retries: int) -> timedelta:
        """Return how long to wait after `retries` retries have been made.

        Argo CD documents 5, 10, 20, … seconds and its code waits 10, 20, 40, …: the documented ones are waited here.
        """
        exponent = min(retries, 62)
        return timedelta(seconds=min(self.max_duration, self.duration * float(self.factor) ** exponent))

    def allows(self, retries: int) -> bool:
        """Say whether another retry may be made after `retries` of them."""
        return self.limit < 0 or retries < self.limit


DEFAULT_RETRY = RetryPolicy()
"""What an automated sync without a `retry` block gets (argocd.md §2.6)."""


@dataclass(frozen=True, slots=True)
class SyncPolicy:
    """`spec.syncPolicy`."""

    automated: bool = False
    prune: bool = False
    self_heal: bool = False
    allow_empty: bool = False
    options: frozenset[str] = frozenset()
    retry: RetryPolicy | None = None

    @classmethod
    def of(cls, block: Mapping[str, Any]) -> SyncPolicy:
        """Read the block. `automated: {}` turns automated sync on; `enabled: false` turns it off and keeps the rest."""
        given, retry = block.get("automated"), block.get("retry")
        automated: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        return cls(
            automated=isinstance(given, Mapping) and automated.get("enabled") is not False,
            prune=automated.get("prune") is True,
            self_heal=automated.get("selfHeal") is True,
            allow_empty=automated.get("allowEmpty") is True,
            options=frozenset(str(option) for option in block.get("syncOptions") or ()),
            retry=RetryPolicy.of(retry) if isinstance(retry, Mapping) else None,
        )
