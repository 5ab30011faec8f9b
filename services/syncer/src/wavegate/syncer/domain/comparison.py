"""How an application's objects stand against what is wanted (argocd.md §2.2, architecture §7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wavegate.manifests.comanaged import co_managed_paths
from wavegate.manifests.fields import Path
from wavegate.manifests.health import Health, HealthStatus, aggregated, health_of
from wavegate.manifests.health.aggregate import ignored
from wavegate.manifests.identity import JsonObject, ObjectKey, annotations_of, metadata_of, owner_of, tracking_of
from wavegate.manifests.ownership import applied_by
from wavegate.manifests.projection import desired_digest, live_digest
from wavegate.syncer.domain.looking import Observed
from wavegate.syncer.domain.options import options_of
from wavegate.syncer.domain.state import Standing
from wavegate.syncer.domain.wanted import Wanted

COMPARE_OPTIONS = "argocd.argoproj.io/compare-options"
MISSING = "missing"
DIGITS = 32
"""Hex digits that are kept of a digest: 128 bits tell any two states of an object apart."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One object: wanted, live, or both.

    Attributes:
        now: digests of what is wanted and of what lives at its places; `live` is `missing` for an object that is not there.
        last: the digests of the last apply.
        is_owned: whether the live object's fields are ours, so that one that Git drops also goes.
        guards: sync options of the object and of its application, for one that is to be pruned.
    """

    key: ObjectKey
    wanted: JsonObject | None
    live: JsonObject | None
    now: Standing
    last: Standing | None
    health: Health | None = None
    is_owned: bool = True
    guards: frozenset[str] = frozenset()

    @property
    def is_synced(self) -> bool:
        """Whether it stands as wanted."""
        return self.wanted is not None and self.live is not None and self.now == self.last

    @property
    def has_drifted(self) -> bool:
        """Whether it was as wanted once, and only what lives has moved."""
        if self.wanted is None or self.last is None or self.is_terminating:
            return False
        return self.now.desired == self.last.desired and self.now.live != self.last.live

    @property
    def requires_pruning(self) -> bool:
        """Whether it carries the application's mark and is not wanted (any more)."""
        return self.wanted is None

    @property
    def is_terminating(self) -> bool:
        """Whether it is being deleted."""
        return self.live is not None and bool(metadata_of(self.live).get("deletionTimestamp"))

    @property
    def is_extraneous(self) -> bool:
        """Whether it may be there without the application being OutOfSync."""
        options = annotations_of(self.live or {}).get(COMPARE_OPTIONS, "")
        return "IgnoreExtraneous" in [option.strip() for option in str(options).split(",")]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All objects of an application, wanted ones first, in the order of writing."""

    objects: Mapping[ObjectKey, Compared]

    @property
    def is_synced(self) -> bool:
        """Whether the application as a whole is Synced."""
        return all(each.is_synced or (each.requires_pruning and each.is_extraneous) for each in self.objects.values())

    @property
    def health(self) -> Health:
        """The application's health."""
        counted = [each for each in self.objects.values() if not each.requires_pruning]
        return aggregated(
            ((each.key, each.health) for each in counted if not ignored(each.live or {})),
            any_live=any(each.live is not None for each in counted),
            any_wanted=bool(counted),
        )

    @property
    def extra(self) -> tuple[Compared, ...]:
        """Objects to be pruned."""
        return tuple(each for each in self.objects.values() if each.requires_pruning)

    def drifted(self) -> tuple[Compared, ...]:
        """Objects on which only what lives has moved."""
        return tuple(each for each in self.objects.values() if each.has_drifted)


def compare(seen: Observed, wanted: Wanted, baselines: Mapping[str, Standing]) -> Comparison:
    """Compare what is wanted with what lives. Nothing is asked of anybody: both come from memory."""
    objects = {key: _compared(seen, key, obj, baselines.get(str(key))) for key, obj in wanted.objects.items()}
    objects.update((each.key, each) for each in _extras(seen, wanted))
    return Comparison(objects)


def _compared(seen: Observed, key: ObjectKey, obj: JsonObject, last: Standing | None) -> Compared:
    live = seen.live.get(key)
    paths = co_managed_paths(obj, seen.planned)
    now = standing(obj, live, paths)
    if live is None:
        return Compared(key, obj, None, now, last)
    return Compared(key, obj, live, now, last, health_of(live), applied_by(live, seen.manager))


def standing(wanted: JsonObject, live: Mapping[str, Any] | None, paths: Iterable[Path]) -> Standing:
    """Return an object's digests, co-managed places left out."""
    left_out = tuple(paths)
    found = live_digest(wanted, live, left_out) if live is not None else MISSING
    return Standing(desired=desired_digest(wanted, left_out)[:DIGITS], live=found[:DIGITS])


def _extras(seen: Observed, wanted: Wanted) -> Iterable[Compared]:
    """Objects that carry the mark, were not made by another object, are permitted, and are not wanted."""
    application = seen.application
    hooks = {hook.key for hook in wanted.hooks}
    for key, live in seen.live.items():
        if key in wanted.objects or key in hooks or owner_of(live) != application.tracking_name:
            continue
        if seen.project is not None and seen.project.object_refusal(key, application.destination) is not None:
            continue
        guards = options_of(live) | application.policy.options
        yield Compared(key, None, live, Standing(desired="", live=MISSING), None, health_of(live), guards=guards)


def shared_with(seen: Observed, wanted: Wanted) -> Iterable[tuple[ObjectKey, str]]:
    """Yield wanted objects that another application's mark stands on, with that application's tracking name."""
    for key in wanted.objects:
        live = seen.live.get(key)
        tracking = tracking_of(live) if live is not None else None
        owner = owner_of(live) if live is not None and tracking is not None else None
        if owner is not None and owner != seen.application.tracking_name:
            yield key, owner


def is_settled(health: Health | None) -> bool:
    """Say whether a wave may end with an object in this health: none at all, or Healthy (argocd.md §2.5)."""
    return health is None or health.status is HealthStatus.HEALTHY
