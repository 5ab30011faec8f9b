"""Labels, annotations and words that Argo Rollouts writes and reads (rollouts.md §2)."""

from typing import Any, Final

from wavegate.manifests.comanaged import HASH_LABEL

Json = dict[str, Any]

INSTANCE_LABEL: Final = "argo-rollouts.argoproj.io/controller-instance-id"
MANAGED_BY: Final = "argo-rollouts.argoproj.io/managed-by-rollouts"
REVISION: Final = "rollout.argoproj.io/revision"
REVISION_HISTORY: Final = "rollout.argoproj.io/revision-history"
DESIRED_REPLICAS: Final = "rollout.argoproj.io/desired-replicas"
SCALE_DOWN_DEADLINE: Final = "scale-down-deadline"
RUN_TYPE_LABEL: Final = "rollout-type"
STEP_INDEX_LABEL: Final = "step-index"
STEP_RUN: Final = "Step"

CAUSE: Final = "wavegate.dev/cause"
INTENT: Final = "wavegate.dev/intent"

API_VERSION: Final = "argoproj.io/v1alpha1"

PAUSE_STEP: Final = "CanaryPauseStep"
PAUSE_INCONCLUSIVE: Final = "InconclusiveAnalysisRun"

SUCCESSFUL: Final = "Successful"
FAILED: Final = "Failed"
ERROR: Final = "Error"
INCONCLUSIVE: Final = "Inconclusive"
RUNNING: Final = "Running"
PENDING: Final = "Pending"
COMPLETED: Final = frozenset({SUCCESSFUL, FAILED, ERROR, INCONCLUSIVE})

__all__ = [
    "API_VERSION",
    "CAUSE",
    "COMPLETED",
    "DESIRED_REPLICAS",
    "ERROR",
    "FAILED",
    "HASH_LABEL",
    "INCONCLUSIVE",
    "INSTANCE_LABEL",
    "INTENT",
    "MANAGED_BY",
    "PAUSE_INCONCLUSIVE",
    "PAUSE_STEP",
    "PENDING",
    "REVISION",
    "REVISION_HISTORY",
    "RUNNING",
    "RUN_TYPE_LABEL",
    "SCALE_DOWN_DEADLINE",
    "STEP_INDEX_LABEL",
    "STEP_RUN",
    "SUCCESSFUL",
    "Json",
]
