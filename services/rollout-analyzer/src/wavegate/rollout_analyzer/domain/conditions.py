"""A Rollout's conditions, with Argo's reasons and messages (rollouts.md §2.5; clients and tests match them word by word)."""

from dataclasses import dataclass
from datetime import datetime

from wavegate.rollout_analyzer.domain.names import Json
from wavegate.rollout_analyzer.domain.times import format_time, parse_time

INVALID_SPEC = "InvalidSpec"
PROGRESSING = "Progressing"
AVAILABLE = "Available"
HEALTHY = "Healthy"
COMPLETED = "Completed"
PAUSED = "Paused"
REPLICA_FAILURE = "ReplicaFailure"

ABORTED_REASON = "RolloutAborted"
TIMED_OUT_REASON = "ProgressDeadlineExceeded"
PAUSED_REASON = "RolloutPaused"
RESUMED_REASON = "RolloutResumed"
RETRY_REASON = "RolloutRetry"
NEW_SET_REASON = "NewReplicaSetCreated"
FOUND_SET_REASON = "FoundNewReplicaSet"
SET_UPDATED_REASON = "ReplicaSetUpdated"
SET_UNAVAILABLE_REASON = "ReplicaSetNotAvailable"
SET_AVAILABLE_REASON = "NewReplicaSetAvailable"
HEALTHY_REASON = "RolloutHealthy"
COMPLETED_REASON = "RolloutCompleted"
AVAILABLE_REASON = "AvailableReason"

TRUE, FALSE, UNKNOWN = "True", "False", "Unknown"


@dataclass(frozen=True, slots=True)
class Conditions:
    """A list of conditions, one of each type, and the time at which it is changed."""

    listed: tuple[Json, ...]
    now: datetime

    def get(self, type_: str) -> Json | None:
        """Return the condition of a type."""
        return next((one for one in self.listed if one.get("type") == type_), None)

    def reason(self, type_: str) -> str:
        """Return the reason of a condition, empty where it is not there."""
        return str((self.get(type_) or {}).get("reason") or "")

    def holds(self, type_: str) -> bool:
        """Tell whether a condition is true."""
        return (self.get(type_) or {}).get("status") == TRUE

    def updated_at(self, type_: str) -> datetime | None:
        """Return when a condition was last changed or refreshed."""
        return parse_time((self.get(type_) or {}).get("lastUpdateTime"))

    def without(self, type_: str) -> "Conditions":
        """Return the list without a type."""
        return Conditions(tuple(one for one in self.listed if one.get("type") != type_), self.now)

    def put(self, type_: str, status: str, reason: str, message: str) -> "Conditions":
        """Return the list with a condition; one that has the same status and reason stays as it is, as in Argo."""
        old = self.get(type_)
        if old is not None and old.get("status") == status and old.get("reason") == reason:
            return self
        return self.refreshed(type_, status, reason, message)

    def refreshed(self, type_: str, status: str, reason: str, message: str) -> "Conditions":
        """Return the list with a condition and a new update time, even where only that changes."""
        old = self.get(type_)
        stamp = format_time(self.now)
        kept = old is not None and old.get("status") == status and old.get("lastTransitionTime")
        condition = {
            "type": type_,
            "status": status,
            "reason": reason,
            "message": message,
            "lastUpdateTime": stamp,
            "lastTransitionTime": old["lastTransitionTime"] if old is not None and kept else stamp,
        }
        return Conditions((*self.without(type_).listed, condition), self.now)
