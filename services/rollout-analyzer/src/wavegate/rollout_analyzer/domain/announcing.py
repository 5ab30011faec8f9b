"""From what is seen of a Rollout, and what was told of it before, to the events to tell now."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from wavegate.contracts.events import Emitted
from wavegate.contracts.reasons import Reason
from wavegate.contracts.references import ObjectRef
from wavegate.contracts.rollout import (
    RolloutAborted,
    RolloutDegraded,
    RolloutEvent,
    RolloutPaused,
    RolloutPromoted,
    RolloutStarted,
    StepCompleted,
    StepStarted,
    WeightSet,
)
from wavegate.rollout_analyzer.domain.announcing_runs import tell_runs
from wavegate.rollout_analyzer.domain.cause import Cause, read_cause
from wavegate.rollout_analyzer.domain.conditions import (
    INVALID_SPEC,
    PROGRESSING,
    TIMED_OUT_REASON,
    Conditions,
)
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import PAUSE_INCONCLUSIVE
from wavegate.rollout_analyzer.domain.observation import Look, Observation
from wavegate.rollout_analyzer.domain.problems import Problem
from wavegate.rollout_analyzer.domain.progress import pause_end
from wavegate.rollout_analyzer.domain.state import RolloutState
from wavegate.rollout_analyzer.domain.steps import Pause
from wavegate.rollout_analyzer.domain.times import format_time
from wavegate.rollout_analyzer.domain.traffic import observed_weight, route_name

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Telling:
    """Events being gathered in one look, with what is remembered once they are told."""

    seen: Observation
    told: RolloutState
    events: list[Emitted] = field(default_factory=list)
    cause: Cause = field(default_factory=Cause)

    def say(self, event: type[RolloutEvent], **fields: object) -> None:
        """Gather one event; its occurrence is the version that was seen and the count of tellings."""
        status = self.seen.status
        message = event.model_validate(
            {
                "object": ObjectRef(namespace=self.seen.namespace, name=self.seen.name, uid=self.seen.uid),
                "revision": status.pod_hash or self.seen.pod_hash,
                "commits": self.cause.commits,
                "intent": self.cause.intent,
                **fields,
            }
        )
        occurrence = f"{self.seen.version}/{self.told.sequence}"
        self.events.append(Emitted(message, occurrence, traceparent=self.cause.traceparent))
        self.remember(sequence=self.told.sequence + 1)

    def remember(self, **changes: object) -> None:
        """Change what is remembered."""
        self.told = self.told.model_copy(update=changes)


def tell(
    seen: Observation, look: Look | None, problem: Problem | None, told: RolloutState | None
) -> tuple[RolloutState, tuple[Emitted, ...]]:
    """Return what is remembered from now on, and the events that follow from what is seen.

    A Rollout that already has a status when it is first seen was somebody else's: its past is remembered, not told.
    """
    known = told if told is not None and told.uid == seen.uid else None
    if known is None:
        fresh = RolloutState(uid=seen.uid)
        if not seen.status.raw:
            return fresh, ()
        return _told(Telling(seen, fresh, cause=read_cause(seen.annotations)), look, problem).told, ()
    telling = _told(Telling(seen, known, cause=read_cause(seen.annotations)), look, problem)
    return telling.told, tuple(telling.events)


def _told(telling: Telling, look: Look | None, problem: Problem | None) -> Telling:
    tell_runs(telling.seen.runs, telling)
    if look is not None and telling.seen.status.pod_hash:
        _revision(telling, look)
        _weight(telling, look)
        _step(telling, look)
        _pause(telling, look)
        _abort(telling, look)
        _promotion(telling, look)
    _trouble(telling, problem)
    return telling


def _revision(telling: Telling, look: Look) -> None:
    if telling.told.revision == look.status.pod_hash:
        return
    telling.remember(revision=look.status.pod_hash, promoted=False, step=None, aborted=False, pause="")
    containers = mapping(look.spec.template, "spec").get("containers")
    listed = containers if isinstance(containers, list) else []
    images = tuple(str(one.get("image", "")) for one in listed if isinstance(one, dict))
    telling.say(RolloutStarted, stable=look.status.stable_hash, images=images)


def _weight(telling: Telling, look: Look) -> None:
    weight = observed_weight(look)
    if weight is None or weight == telling.told.weight:
        return
    telling.remember(weight=weight)
    telling.say(WeightSet, weight=weight, route=route_name(look))


def _step(telling: Telling, look: Look) -> None:
    before, steps = telling.told.step, len(look.steps)
    if look.status.abort or look.first_deploy:
        telling.remember(step=None)
        return
    current = None if look.fully_promoted or look.index >= steps else look.index
    if current == before:
        return
    # A step that was jumped over (a person promoted in full, or moved the index) did not complete.
    if before is not None and before < steps and (current if current is not None else look.index) == before + 1:
        telling.say(StepCompleted, step=before, steps=steps, kind=look.steps[before].kind)
    telling.remember(step=current)
    if current is not None:
        step = look.steps[current]
        telling.say(StepStarted, step=current, steps=steps, kind=step.kind, detail=str(step))


def _pause(telling: Telling, look: Look) -> None:
    pause = look.status.pauses[0] if look.status.pauses else None
    manual = look.spec.paused and look.status.raw.get("phase") == "Paused"
    key = f"{pause.reason}@{format_time(pause.since) if pause.since else ''}" if pause else "manual" if manual else ""
    if key == telling.told.pause:
        return
    telling.remember(pause=key)
    if not key:
        return
    inconclusive = pause is not None and pause.reason == PAUSE_INCONCLUSIVE
    until = pause_end(look, look.step) if isinstance(look.step, Pause) and not manual else None
    telling.say(
        RolloutPaused,
        reason=Reason.ANALYSIS_INCONCLUSIVE if inconclusive else Reason.ROLLOUT_PAUSED,
        step=look.index if look.step is not None else None,
        until=format_time(until) if until else "",
    )


def _abort(telling: Telling, look: Look) -> None:
    """Tell of an abort once the traffic is back at stable."""
    back = look.status.abort and look.status.aborted_at is not None and not observed_weight(look)
    if back == telling.told.aborted or (look.status.abort and not back):
        return
    telling.remember(aborted=back)
    if back:
        detail = str(look.status.raw.get("message") or "")
        analysis = "analysis phase error/failed" in detail
        telling.say(
            RolloutAborted, reason=Reason.ANALYSIS_FAILED if analysis else Reason.ROLLOUT_ABORTED, detail=detail
        )


def _promotion(telling: Telling, look: Look) -> None:
    new = look.sets.new
    whole = new is not None and new.available >= look.spec.replicas and not look.status.abort
    if look.fully_promoted and whole and not telling.told.promoted:
        telling.remember(promoted=True)
        telling.say(RolloutPromoted)


def _trouble(telling: Telling, problem: Problem | None) -> None:
    """Tell of what the object's conditions name: an invalid spec, or a missed deadline."""
    conditions = Conditions(telling.seen.status.conditions, _NO_TIME)
    invalid = conditions.get(INVALID_SPEC)
    key, reason, detail = "", Reason.INVALID_ROLLOUT, ""
    if invalid is not None:
        detail = str(invalid.get("message"))
        if problem is None or problem.text not in detail:
            return  # About to be written or removed: told when the object says so.
        key, reason = problem.text, problem.reason
    elif conditions.reason(PROGRESSING) == TIMED_OUT_REASON:
        key, reason = TIMED_OUT_REASON, Reason.PROGRESS_DEADLINE_EXCEEDED
        detail = str((conditions.get(PROGRESSING) or {}).get("message", ""))
    if key == telling.told.trouble:
        return
    telling.remember(trouble=key)
    if key:
        telling.say(RolloutDegraded, reason=reason, detail=detail)
