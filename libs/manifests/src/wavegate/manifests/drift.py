"""Whether an object stands as Git says, and if not, which fields moved and who moved them (architecture §7).

In sync = (a) the digest of what we want equals the digest of what we last applied, and (b) the digest of the live values
at our places equals what the API server returned then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from wavegate.manifests.fields import Path
from wavegate.manifests.identity import JsonObject
from wavegate.manifests.ownership import last_writer, lost_fields
from wavegate.manifests.projection import desired_digest, live_digest

FIELDS_LIMIT = 20


class Baseline(NamedTuple):
    """What stood when we last applied an object: digests (hex) of what we wanted and of what the API server returned."""

    desired: str
    live: str


@dataclass(frozen=True, slots=True)
class Drift:
    """What moved on a live object. `fields` are paths, never values; `manager` is who wrote last, empty if unknown."""

    fields: tuple[str, ...] = ()
    manager: str = ""


def baseline(desired: JsonObject, returned: Mapping[str, Any], excluded: Iterable[Path] = ()) -> Baseline:
    """Return the baseline of an object that the API server returned after our write."""
    paths = tuple(excluded)
    return Baseline(desired_digest(desired, paths), live_digest(desired, returned, paths))


def in_sync(desired: JsonObject, live: Mapping[str, Any], last: Baseline, excluded: Iterable[Path] = ()) -> bool:
    """Say whether a live object stands as `desired` says, given its baseline."""
    return baseline(desired, live, excluded) == last


def drift_of(desired: JsonObject, live: Mapping[str, Any] | None, manager: str, excluded: Iterable[Path] = ()) -> Drift:
    """Return what moved, given that something did; a missing object has no fields to name."""
    if live is None:
        return Drift()
    fields = lost_fields(desired, live, manager, excluded)
    return Drift(fields[:FIELDS_LIMIT], last_writer(live, manager))
