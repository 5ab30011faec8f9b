"""A Rollout's status: the fields that Argo Rollouts writes, and the ones that its CLI patches (rollouts.md §2.5)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import Json
from wavegate.rollout_analyzer.domain.times import format_time, parse_time


@dataclass(frozen=True, slots=True)
class PauseCondition:
    """Why and since when the controller paused."""

    reason: str
    since: datetime | None

    def to_json(self) -> Json:
        """Return the JSON shape."""
        return {"reason": self.reason, "startTime": format_time(self.since)} if self.since else {"reason": self.reason}


@dataclass(frozen=True, slots=True)
class CurrentRun:
    """The AnalysisRun of the current step."""

    name: str
    phase: str = ""
    message: str = ""

    def to_json(self) -> Json:
        """Return the JSON shape."""
        return {"name": self.name, "status": self.phase} | ({"message": self.message} if self.message else {})


@dataclass(frozen=True, slots=True)
class Weights:
    """Who gets which share of the traffic, in percent, by pod-template hash."""

    canary: int
    stable: int
    canary_hash: str = ""
    stable_hash: str = ""
    canary_service: str = ""
    stable_service: str = ""

    def to_json(self) -> Json:
        """Return the JSON shape."""
        return {
            "canary": _destination(self.canary, self.canary_hash, self.canary_service),
            "stable": _destination(self.stable, self.stable_hash, self.stable_service),
        }


def _destination(weight: int, pod_hash: str, service: str) -> Json:
    known = {"podTemplateHash": pod_hash, "serviceName": service}
    return {"weight": weight} | {key: value for key, value in known.items() if value}


@dataclass(frozen=True, slots=True)
class RolloutStatus:
    """What a Rollout's status says. `raw` is all of it, so that fields that we do not know stay as they are."""

    raw: Json = field(default_factory=dict)
    pod_hash: str = ""
    stable_hash: str = ""
    steps_hash: str = ""
    step_index: int | None = None
    abort: bool = False
    aborted_at: datetime | None = None
    promote_full: bool = False
    controller_pause: bool = False
    pauses: tuple[PauseCondition, ...] = ()
    run: CurrentRun | None = None
    weights: Weights | None = None
    collisions: int | None = None
    conditions: tuple[Json, ...] = ()

    def pause(self, reason: str) -> PauseCondition | None:
        """Return the pause with this reason."""
        return next((one for one in self.pauses if one.reason == reason), None)


def read_status(status: Json) -> RolloutStatus:
    """Read a status; whatever cannot be read counts as not there."""
    canary = mapping(status, "canary")
    pauses = status.get("pauseConditions")
    conditions = status.get("conditions")
    return RolloutStatus(
        raw=status,
        pod_hash=str(status.get("currentPodHash") or ""),
        stable_hash=str(status.get("stableRS") or ""),
        steps_hash=str(status.get("currentStepHash") or ""),
        step_index=_count(status.get("currentStepIndex")),
        abort=status.get("abort") is True,
        aborted_at=parse_time(status.get("abortedAt")),
        promote_full=status.get("promoteFull") is True,
        controller_pause=status.get("controllerPause") is True,
        pauses=tuple(_pause(one) for one in pauses if isinstance(one, dict)) if isinstance(pauses, list) else (),
        run=_run(mapping(canary, "currentStepAnalysisRunStatus")),
        weights=_weights(mapping(canary, "weights")),
        collisions=_count(status.get("collisionCount")),
        conditions=_conditions(conditions),
    )


def _conditions(listed: Any) -> tuple[Json, ...]:
    """Return the conditions; one that holds anything but texts was not ours."""
    known = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return tuple(one for one in known if all(isinstance(value, str) for value in one.values()))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _pause(condition: Json) -> PauseCondition:
    return PauseCondition(str(condition.get("reason") or ""), parse_time(condition.get("startTime")))


def _run(run: Json) -> CurrentRun | None:
    if not run.get("name"):
        return None
    return CurrentRun(str(run["name"]), str(run.get("status") or ""), str(run.get("message") or ""))


def _weights(weights: Json) -> Weights | None:
    canary, stable = mapping(weights, "canary"), mapping(weights, "stable")
    if not weights:
        return None
    return Weights(
        canary=_count(canary.get("weight")) or 0,
        stable=_count(stable.get("weight")) or 0,
        canary_hash=str(canary.get("podTemplateHash") or ""),
        stable_hash=str(stable.get("podTemplateHash") or ""),
        canary_service=str(canary.get("serviceName") or ""),
        stable_service=str(stable.get("serviceName") or ""),
    )
