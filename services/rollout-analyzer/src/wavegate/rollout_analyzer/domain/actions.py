"""What a decision may ask to be done. Each is idempotent or guarded by the version that it was decided on."""

from dataclasses import dataclass

from wavegate.rollout_analyzer.domain.metrics import Metric
from wavegate.rollout_analyzer.domain.names import Json
from wavegate.rollout_analyzer.domain.run_status import Measurement


@dataclass(frozen=True, slots=True)
class CreateReplicaSet:
    """Create a ReplicaSet; finding it there, ours, is as good."""

    manifest: Json


@dataclass(frozen=True, slots=True)
class CreateRun:
    """Create an AnalysisRun."""

    manifest: Json


@dataclass(frozen=True, slots=True)
class Patch:
    """Merge-patch one object of the Rollout's, if it still has the version that was seen. `subresource` may be `status`."""

    kind: str
    namespace: str
    name: str
    version: str
    body: Json
    subresource: str = ""


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete an object that is no longer needed; gone is as good."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class TakeMeasurements:
    """Measure these metrics now. `taken` gives how many measurements each had when this was decided."""

    metrics: tuple[Metric, ...]
    taken: dict[str, int]


@dataclass(frozen=True, slots=True)
class RunCreated:
    """Outcome: an AnalysisRun is there."""

    name: str


@dataclass(frozen=True, slots=True)
class NameTaken:
    """Outcome: another object, not ours, has the name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Outcome: the cluster refused a write, for a reason that trying again at once cannot mend."""

    kind: str
    name: str
    message: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Outcome: a measurement of a metric. `index` is how many the metric had before."""

    metric: str
    index: int
    measurement: Measurement


@dataclass(frozen=True, slots=True)
class Patched:
    """Outcome: a patch was made. Deciding on the very same one again means that it has no effect: it is not repeated."""

    patch: Patch

    def repeats(self, other: Patch) -> bool:
        """Tell whether another patch would change the same object in the same way."""
        mine = self.patch
        same = (mine.kind, mine.namespace, mine.name, mine.subresource) == (
            other.kind,
            other.namespace,
            other.name,
            other.subresource,
        )
        return same and mine.body == other.body


Action = CreateReplicaSet | CreateRun | Patch | Delete | TakeMeasurements
Outcome = RunCreated | NameTaken | Refused | Taken | Patched
