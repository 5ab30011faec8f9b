"""One look at a Rollout → what to do (rollouts.md §2.4, reconcile order).

The order is Argo's: revision and history, Services, traffic, analysis, ReplicaSets, pause, status. Events are not derived
from what is about to be done but from what is seen to be so (`announcing`): an event exists when its transition does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from wavegate.contracts.reasons import Reason
from wavegate.rollout_analyzer.domain.actions import Action, NameTaken, Outcome, Patch, Patched, Refused
from wavegate.rollout_analyzer.domain.condition_rules import deadline, timed_out, timed_out_message
from wavegate.rollout_analyzer.domain.conditions import Conditions
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import PAUSE_INCONCLUSIVE, Json
from wavegate.rollout_analyzer.domain.new_set import create_new_set, forgotten_sets, sync_revision
from wavegate.rollout_analyzer.domain.observation import Look, Observation, look_at
from wavegate.rollout_analyzer.domain.problems import Problem, Unusable
from wavegate.rollout_analyzer.domain.progress import advanced, changed, pause_end, restarted
from wavegate.rollout_analyzer.domain.references import check_references
from wavegate.rollout_analyzer.domain.rollout_spec import read_spec
from wavegate.rollout_analyzer.domain.scaling import scaled
from wavegate.rollout_analyzer.domain.services import switched_services
from wavegate.rollout_analyzer.domain.status_writing import invalid_status, merge_patch, next_status
from wavegate.rollout_analyzer.domain.step_analysis import Verdict, analysed
from wavegate.rollout_analyzer.domain.steps import Pause
from wavegate.rollout_analyzer.domain.times import after, earliest
from wavegate.rollout_analyzer.domain.traffic import routed_traffic

RETRY_SECONDS = 30.0
_TRIED_AGAIN = {Reason.API_REFUSED, Reason.KIND_UNKNOWN}
"""What no watch tells the end of."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows from a look. `look` is None and `problem` says why when the Rollout cannot be worked on."""

    actions: tuple[Action, ...] = ()
    wake_at: datetime | None = None
    look: Look | None = None
    problem: Problem | None = None


def planned(seen: Observation, outcomes: Sequence[Outcome], now: datetime) -> Plan:
    """Decide on a Rollout."""
    for outcome in outcomes:
        if isinstance(outcome, Refused):
            text = f"{outcome.kind} {outcome.name}: {outcome.message}"
            return _without_repeats(_refused(seen, Problem(Reason.API_REFUSED, text), now), outcomes)
    try:
        spec = read_spec(mapping(seen.rollout, "spec"))
        check_references(seen, spec)
        plan = _planned(look_at(seen, spec, now), tuple(outcomes))
    except Unusable as unusable:
        return _without_repeats(_refused(seen, unusable.problem, now), outcomes)
    return _without_repeats(plan, outcomes)


def _without_repeats(plan: Plan, outcomes: Sequence[Outcome]) -> Plan:
    """Leave out patches that were just made and changed nothing, such as fields that the cluster's CRD prunes."""
    made = [outcome for outcome in outcomes if isinstance(outcome, Patched)]
    kept = tuple(
        action
        for action in plan.actions
        if not (isinstance(action, Patch) and any(outcome.repeats(action) for outcome in made))
    )
    return replace(plan, actions=kept)


def _refused(seen: Observation, problem: Problem, now: datetime) -> Plan:
    status = invalid_status(seen, Conditions(seen.status.conditions, now), problem.text)
    again = problem.reason in _TRIED_AGAIN
    return Plan(_status_patch(seen, status), after(now, RETRY_SECONDS) if again else None, problem=problem)


def _planned(look: Look, outcomes: tuple[Outcome, ...]) -> Plan:
    if collisions := [one for one in outcomes if isinstance(one, NameTaken) and one.kind == "ReplicaSet"]:
        return Plan(_collided(look, len(collisions)), look=look)
    if changed(look):
        status = next_status(look, restarted(look), look.status.weights, None)
        return Plan(_status_patch(look.seen, status), look=look)
    if look.sets.new is None:
        return Plan(create_new_set(look), look=look)
    if revised := sync_revision(look, look.sets.new):
        return Plan(revised, look=look)
    verdict = _overdue(look, analysed(look, outcomes))
    if verdict.creating:
        return Plan((*_traffic_actions(look), *verdict.actions), look=look)
    return _moved_on(look, verdict)


def _traffic_actions(look: Look) -> tuple[Patch, ...]:
    return (*switched_services(look, aborted=look.status.abort), *routed_traffic(look).patches)


def _moved_on(look: Look, verdict: Verdict) -> Plan:
    progress = advanced(look, verdict)
    traffic = routed_traffic(look)
    scaling = None if _halted(look, verdict) else scaled(look)
    status = next_status(look, progress, traffic.weights, verdict.run)
    actions: tuple[Action, ...] = (
        *forgotten_sets(look),
        *switched_services(look, aborted=look.status.abort),
        *traffic.patches,
        *verdict.actions,
        *(scaling.patches if scaling else ()),
        *_status_patch(look.seen, status),
    )
    return Plan(actions, _wake_at(look, scaling.wake_at if scaling else None), look)


def _overdue(look: Look, verdict: Verdict) -> Verdict:
    """Abort for lack of progress where the Rollout asks for it."""
    late = look.spec.progress_deadline_abort and timed_out(look, Conditions(look.status.conditions, look.now))
    return replace(verdict, abort=timed_out_message(look)) if late and not verdict.abort else verdict


def _halted(look: Look, verdict: Verdict) -> bool:
    """Tell whether pods stay as they are: paused by a person or by inconclusive analysis, or abort comes first (§2.5)."""
    inconclusive = look.status.pause(PAUSE_INCONCLUSIVE) is not None
    return look.spec.paused or inconclusive or verdict.pause or bool(verdict.abort)


def _wake_at(look: Look, scaling: datetime | None) -> datetime | None:
    pause = pause_end(look, look.step) if isinstance(look.step, Pause) else None
    due = deadline(look, Conditions(look.status.conditions, look.now))
    times = [time for time in (pause, scaling, due) if time is not None and time > look.now]
    return earliest(*times)


def _collided(look: Look, count: int) -> tuple[Patch, ...]:
    return _status_patch(look.seen, {**look.status.raw, "collisionCount": (look.status.collisions or 0) + count})


def _status_patch(seen: Observation, status: Json) -> tuple[Patch, ...]:
    patch = merge_patch(seen.status.raw, status)
    if patch is None:
        return ()
    return (Patch("Rollout", seen.namespace, seen.name, seen.version, {"status": patch}, "status"),)
