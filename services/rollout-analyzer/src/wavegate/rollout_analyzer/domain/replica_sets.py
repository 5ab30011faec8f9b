"""ReplicaSets of a Rollout as the decisions see them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import DESIRED_REPLICAS, HASH_LABEL, REVISION, SCALE_DOWN_DEADLINE, Json
from wavegate.rollout_analyzer.domain.times import parse_time

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ReplicaSet:
    """One ReplicaSet. `replicas` is what it should have; `current`, `ready` and `available` what it has.

    `deadline` is when it may be scaled down; `settled` says that its status speaks of its newest spec.
    """

    name: str
    pod_hash: str
    version: str = ""
    revision: int = 0
    replicas: int = 0
    current: int = 0
    ready: int = 0
    available: int = 0
    created: datetime = _EPOCH
    deadline: datetime | None = None
    desired: int | None = None
    min_ready_seconds: int = 0
    settled: bool = True
    deleting: bool = False
    failure: Json | None = None
    revision_history: str = ""

    @property
    def fully_available(self) -> bool:
        """Tell whether it has pods and all that it should have are available."""
        return 0 < self.replicas <= self.available


def read_replica_set(live: Json) -> ReplicaSet:
    """Read a ReplicaSet as the API server gives it."""
    metadata, spec, status = mapping(live, "metadata"), mapping(live, "spec"), mapping(live, "status")
    annotations = mapping(metadata, "annotations")
    return ReplicaSet(
        name=str(metadata.get("name", "")),
        pod_hash=str(mapping(metadata, "labels").get(HASH_LABEL, "")),
        version=str(metadata.get("resourceVersion", "")),
        revision=_number(annotations.get(REVISION)) or 0,
        replicas=spec.get("replicas", 1),
        current=status.get("replicas", 0),
        ready=status.get("readyReplicas", 0),
        available=status.get("availableReplicas", 0),
        created=parse_time(metadata.get("creationTimestamp")) or _EPOCH,
        deadline=parse_time(annotations.get(SCALE_DOWN_DEADLINE)),
        desired=_number(annotations.get(DESIRED_REPLICAS)),
        min_ready_seconds=spec.get("minReadySeconds", 0),
        settled=metadata.get("generation", 0) <= status.get("observedGeneration", 0),
        deleting=metadata.get("deletionTimestamp") is not None,
        failure=_failure(status.get("conditions")),
        revision_history=str(annotations.get("rollout.argoproj.io/revision-history", "")),
    )


def _number(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19 else None


def _failure(conditions: Any) -> Json | None:
    listed = conditions if isinstance(conditions, list) else []
    return next((one for one in listed if isinstance(one, dict) and one.get("type") == "ReplicaFailure"), None)


@dataclass(frozen=True, slots=True)
class Sets:
    """A Rollout's ReplicaSets by their part: `new` is what the template asks for, `stable` what was promoted last.

    When the Rollout is fully promoted, `new` and `stable` are the same. `others` are neither.
    """

    all: tuple[ReplicaSet, ...] = ()
    new: ReplicaSet | None = None
    stable: ReplicaSet | None = None

    @property
    def others(self) -> tuple[ReplicaSet, ...]:
        """Return the ReplicaSets that are neither new nor stable."""
        kept = {one.name for one in (self.new, self.stable) if one is not None}
        return tuple(one for one in self.all if one.name not in kept)

    @property
    def stable_apart(self) -> ReplicaSet | None:
        """Return the stable ReplicaSet if there is one besides the new one."""
        if self.stable is None or (self.new is not None and self.new.name == self.stable.name):
            return None
        return self.stable


def sort_sets(live: Iterable[ReplicaSet], new_hash: str, stable_hash: str) -> Sets:
    """Tell the ReplicaSets apart by their pod-template hash (rollouts.md §2.1)."""
    known = tuple(sorted(live, key=lambda one: (one.created, one.name)))
    by_hash = {one.pod_hash: one for one in known if not one.deleting}
    return Sets(known, by_hash.get(new_hash), by_hash.get(stable_hash) if stable_hash else None)


def total(sets: Iterable[ReplicaSet], field: str) -> int:
    """Return the sum of one of the counts."""
    return sum(int(getattr(one, field)) for one in sets)
