"""AnalysisRuns as the Rollout sees them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import COMPLETED, HASH_LABEL, STEP_INDEX_LABEL, SUCCESSFUL, Json
from wavegate.rollout_analyzer.domain.run_status import MetricResult, RunStatus, read_run_status
from wavegate.rollout_analyzer.domain.times import parse_time

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Run:
    """One AnalysisRun that a Rollout owns."""

    name: str
    version: str = ""
    pod_hash: str = ""
    step: int | None = None
    spec: Json = field(default_factory=dict)
    status: RunStatus = field(default_factory=RunStatus)
    created: datetime = _EPOCH
    deleting: bool = False

    @property
    def completed(self) -> bool:
        """Tell whether there is a verdict."""
        return self.status.phase in COMPLETED

    @property
    def terminating(self) -> bool:
        """Tell whether it was told to end."""
        return self.spec.get("terminate") is True

    @property
    def proven(self) -> bool:
        """Tell whether it succeeded with evidence: every metric was measured with an outcome (architecture §1, rule 5).

        A run that was terminated before anything was measured is Successful by Argo's rules, without evidence.
        """
        return self.status.phase == SUCCESSFUL and has_evidence(self.spec, self.status.results)


def has_evidence(spec: Json, results: Iterable[MetricResult]) -> bool:
    """Tell whether every metric of a run has at least one measurement that came out as good or bad."""
    by_name = {result.name: result for result in results}
    metrics = spec.get("metrics")
    names = (
        [str(metric.get("name")) for metric in metrics if isinstance(metric, dict)] if isinstance(metrics, list) else []
    )
    return bool(names) and all(name in by_name and by_name[name].decided > 0 for name in names)


def read_run(live: Json) -> Run:
    """Read an AnalysisRun as the API server gives it."""
    metadata = mapping(live, "metadata")
    return Run(
        name=str(metadata.get("name", "")),
        version=str(metadata.get("resourceVersion", "")),
        pod_hash=str(mapping(metadata, "labels").get(HASH_LABEL, "")),
        step=_index(mapping(metadata, "labels").get(STEP_INDEX_LABEL)),
        spec=mapping(live, "spec"),
        status=read_run_status(mapping(live, "status")),
        created=parse_time(metadata.get("creationTimestamp")) or _EPOCH,
        deleting=metadata.get("deletionTimestamp") is not None,
    )


def _index(label: object) -> int | None:
    return int(label) if isinstance(label, str) and label.isascii() and label.isdigit() and len(label) < 10 else None
