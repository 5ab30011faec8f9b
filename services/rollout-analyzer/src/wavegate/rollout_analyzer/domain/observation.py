"""What was seen in one look at a Rollout, and the views of it that the decisions share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import REVISION, Json
from wavegate.rollout_analyzer.domain.replica_sets import ReplicaSet, Sets, sort_sets
from wavegate.rollout_analyzer.domain.rollout_spec import RolloutSpec
from wavegate.rollout_analyzer.domain.rollout_status import RolloutStatus, read_status
from wavegate.rollout_analyzer.domain.runs import Run
from wavegate.rollout_analyzer.domain.steps import Step, TemplateRef


@dataclass(frozen=True, slots=True)
class Observation:
    """The world around one Rollout.

    `pod_hash` and `steps_hash` are the hashes of its template and steps now, empty where its spec cannot be read;
    `hash_trouble` says why they could not be made.
    Objects that a map holds as None do not exist; `missing_kinds` are kinds that the cluster does not know.
    `taken_run_names` are the names of all AnalysisRuns of the namespace.
    """

    rollout: Json
    pod_hash: str = ""
    steps_hash: str = ""
    hash_trouble: str = ""
    replica_sets: tuple[ReplicaSet, ...] = ()
    services: Mapping[str, Json | None] = field(default_factory=dict)
    virtual_services: Mapping[str, Json | None] = field(default_factory=dict)
    destination_rules: Mapping[str, Json | None] = field(default_factory=dict)
    templates: Mapping[TemplateRef, Json | None] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()
    taken_run_names: frozenset[str] = frozenset()
    missing_kinds: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Return the Rollout's name."""
        return str(mapping(self.rollout, "metadata").get("name", ""))

    @property
    def namespace(self) -> str:
        """Return the Rollout's namespace."""
        return str(mapping(self.rollout, "metadata").get("namespace", ""))

    @property
    def uid(self) -> str:
        """Return the Rollout's uid."""
        return str(mapping(self.rollout, "metadata").get("uid", ""))

    @property
    def version(self) -> str:
        """Return the Rollout's resourceVersion."""
        return str(mapping(self.rollout, "metadata").get("resourceVersion", ""))

    @property
    def generation(self) -> int:
        """Return the generation of the Rollout's spec."""
        return int(mapping(self.rollout, "metadata").get("generation", 0))

    @property
    def annotations(self) -> Json:
        """Return the Rollout's annotations."""
        return mapping(self.rollout, "metadata", "annotations")

    @property
    def status(self) -> RolloutStatus:
        """Return the Rollout's status."""
        return read_status(mapping(self.rollout, "status"))


@dataclass(frozen=True, slots=True)
class Look:
    """An observation of a Rollout whose spec is good, at a time."""

    seen: Observation
    spec: RolloutSpec
    status: RolloutStatus
    sets: Sets
    now: datetime

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return the canary steps."""
        return self.spec.canary.steps

    @property
    def index(self) -> int:
        """Return the index of the current step; the number of steps when all are done."""
        return min(self.status.step_index or 0, len(self.steps))

    @property
    def step(self) -> Step | None:
        """Return the current step, None when there is none left."""
        return self.steps[self.index] if self.index < len(self.steps) else None

    @property
    def fully_promoted(self) -> bool:
        """Tell whether what is wanted is what is stable."""
        return bool(self.status.stable_hash) and self.status.stable_hash == self.status.pod_hash

    @property
    def first_deploy(self) -> bool:
        """Tell whether nothing has ever been promoted: the strategy does not apply (rollouts.md §2.4)."""
        return not self.status.stable_hash

    @property
    def revision(self) -> int:
        """Return the revision number of the current pod template, as annotated on the Rollout."""
        text = self.seen.annotations.get(REVISION)
        return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 19 else 0


def look_at(seen: Observation, spec: RolloutSpec, now: datetime) -> Look:
    """Put an observation and its parsed spec together."""
    status = seen.status
    return Look(seen, spec, status, sort_sets(seen.replica_sets, seen.pod_hash, status.stable_hash), now)
