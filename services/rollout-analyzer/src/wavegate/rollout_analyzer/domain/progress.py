"""Where a Rollout stands after this look: step index, pauses, abort, promotion (rollouts.md §2.4 and §2.5)."""

from dataclasses import dataclass, replace
from datetime import datetime

from wavegate.rollout_analyzer.domain.names import PAUSE_INCONCLUSIVE, PAUSE_STEP
from wavegate.rollout_analyzer.domain.observation import Look
from wavegate.rollout_analyzer.domain.rollout_status import PauseCondition
from wavegate.rollout_analyzer.domain.step_analysis import Verdict
from wavegate.rollout_analyzer.domain.steps import Pause, SetWeight
from wavegate.rollout_analyzer.domain.times import after
from wavegate.rollout_analyzer.domain.weighing import at_desired_counts


@dataclass(frozen=True, slots=True)
class Progress:
    """The part of the status that says how far the update is."""

    pod_hash: str
    stable_hash: str
    steps_hash: str
    step_index: int | None
    pauses: tuple[PauseCondition, ...] = ()
    controller_pause: bool = False
    abort: bool = False
    aborted_at: datetime | None = None
    abort_message: str = ""
    promote_full: bool = False
    run_cleared: bool = False


def changed(look: Look) -> bool:
    """Tell whether the pod template or the steps changed since the status was written."""
    return look.status.pod_hash != look.seen.pod_hash or look.status.steps_hash != look.seen.steps_hash


def restarted(look: Look) -> Progress:
    """Start over with the new template or steps; back to the stable template all steps are skipped (§2.4)."""
    steps = len(look.steps)
    back = look.sets.new is not None and look.status.stable_hash == look.seen.pod_hash
    index = (steps if back else 0) if steps else None
    return Progress(look.seen.pod_hash, look.status.stable_hash, look.seen.steps_hash, index, run_cleared=True)


def advanced(look: Look, verdict: Verdict) -> Progress:
    """Go on from what was seen."""
    now = _here(look)
    if _promotes(look, verdict):
        index = len(look.steps) if look.steps else None
        return replace(now, stable_hash=look.seen.pod_hash, step_index=index, run_cleared=True)
    if look.status.promote_full:
        # Pauses and steps no longer count; promotion follows once every pod is available.
        return replace(now, step_index=len(look.steps) if look.steps else None, promote_full=not look.fully_promoted)
    if look.status.abort or verdict.abort:
        return _aborted(look, now, verdict.abort)
    if _step_done(look, verdict):
        left = tuple(one for one in look.status.pauses if one.reason != PAUSE_STEP)
        return replace(
            now, step_index=look.index + 1, pauses=left, controller_pause=_still(look, left), run_cleared=True
        )
    pauses = (*look.status.pauses, *_new_pauses(look, verdict))
    held = bool(_new_pauses(look, verdict)) or _still(look, pauses)
    return replace(now, step_index=look.index if look.steps else None, pauses=pauses, controller_pause=held)


def _here(look: Look) -> Progress:
    return Progress(look.seen.pod_hash, look.status.stable_hash, look.seen.steps_hash, None)


def _still(look: Look, pauses: tuple[PauseCondition, ...]) -> bool:
    """Return `controllerPause`: it stays only while a pause is left."""
    return look.status.controller_pause and bool(pauses)


def _promotes(look: Look, verdict: Verdict) -> bool:
    """Tell whether the current ReplicaSet becomes (or stays) the stable one (§2.4, end)."""
    new = look.sets.new
    if look.sets.stable is None:
        # Nothing to return to: the first deploy, or the stable ReplicaSet is gone.
        return True
    if look.status.abort or verdict.abort or new is None or new.available != look.spec.replicas:
        return False
    done = not look.steps or look.index == len(look.steps)
    return look.status.promote_full or done or _within_window(look)


def _within_window(look: Look) -> bool:
    """Tell whether this goes back to a revision recent enough to skip the steps (`rollbackWindow`, §2.4)."""
    new, stable = look.sets.new, look.sets.stable
    if new is None or stable is None or not new.created < stable.created or look.spec.rollback_window == 0:
        return False
    between = sum(new.created < one.created < stable.created for one in look.sets.all)
    return between < look.spec.rollback_window


def _aborted(look: Look, now: Progress, message: str) -> Progress:
    index = (len(look.steps) if look.fully_promoted else 0) if look.steps else None
    return replace(
        now,
        step_index=index,
        abort=True,
        aborted_at=look.status.aborted_at if look.status.abort and look.status.aborted_at else look.now,
        abort_message=message,
    )


def _step_done(look: Look, verdict: Verdict) -> bool:
    step = look.step
    if look.spec.paused or step is None:
        return False
    if isinstance(step, Pause):
        return _pause_over(look, step)
    if isinstance(step, SetWeight):
        return at_desired_counts(look)
    return verdict.passed


def _pause_over(look: Look, step: Pause) -> bool:
    pause = look.status.pause(PAUSE_STEP)
    if look.status.controller_pause and pause is None:
        return True
    until = pause_end(look, step)
    return until is not None and until <= look.now


def pause_end(look: Look, step: Pause) -> datetime | None:
    """Return when a timed pause that has begun is over."""
    pause = look.status.pause(PAUSE_STEP)
    if pause is None or pause.since is None or step.seconds is None:
        return None
    return after(pause.since, step.seconds)


def _new_pauses(look: Look, verdict: Verdict) -> tuple[PauseCondition, ...]:
    if verdict.pause and look.status.pause(PAUSE_INCONCLUSIVE) is None:
        return (PauseCondition(PAUSE_INCONCLUSIVE, look.now),)
    begins = isinstance(look.step, Pause) and not look.spec.paused and not look.status.controller_pause
    if begins and look.status.pause(PAUSE_STEP) is None:
        return (PauseCondition(PAUSE_STEP, look.now),)
    return ()
