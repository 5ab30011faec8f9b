"""The inline analysis step: its run, and what the run's verdict means for the Rollout (rollouts.md §2.7)."""

from dataclasses import dataclass, replace

from wavegate.rollout_analyzer.domain.actions import CreateRun, Delete, Outcome, Patch, RunCreated
from wavegate.rollout_analyzer.domain.names import ERROR, FAILED, INCONCLUSIVE, SUCCESSFUL, Json
from wavegate.rollout_analyzer.domain.observation import Look
from wavegate.rollout_analyzer.domain.rollout_status import CurrentRun
from wavegate.rollout_analyzer.domain.runs import Run
from wavegate.rollout_analyzer.domain.steps import Analysis
from wavegate.rollout_analyzer.domain.templates import run_spec, step_run, step_run_name

NO_EVIDENCE = "the analysis was ended without evidence"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What analysis says now: things to do, the run to name in the status, whether to pause, why to abort.

    `creating` says that the run does not exist yet: nothing else is decided before it does.
    """

    actions: tuple[CreateRun | Patch | Delete, ...] = ()
    run: CurrentRun | None = None
    pause: bool = False
    abort: str = ""
    passed: bool = False
    creating: bool = False


def analysed(look: Look, outcomes: tuple[Outcome, ...]) -> Verdict:
    """Return what the analysis of the current step says.

    Raises:
        Unusable: The run cannot be built from its templates and arguments.
    """
    current = _run(look, look.status.run.name) if look.status.run else None
    if _skipped(look):
        return Verdict(_ended(look, None), _named(current) or look.status.run)
    step = look.step
    if look.status.pauses or look.status.abort:
        return Verdict(_ended(look, current), _named(current) or look.status.run)
    if not isinstance(step, Analysis):
        return Verdict(_ended(look, None))
    if current is None or _needs_new(current, look):
        current = _claimed(look, step, outcomes, current)
        if current is None:
            name = _free_name(look)
            return Verdict((CreateRun(step_run(look, step, name)),), creating=True)
    return _read(look, current)


def _skipped(look: Look) -> bool:
    """Tell whether no analysis applies: aborted, promoted in full, first deploy, or back to pods still up."""
    back = look.sets.new is not None and look.sets.new.deadline is not None
    return look.status.abort or look.status.promote_full or look.first_deploy or back


def _needs_new(current: Run, look: Look) -> bool:
    """Tell whether another run is wanted: resumed after an inconclusive one, or retried after an abort."""
    if look.status.controller_pause:
        return current.status.phase == INCONCLUSIVE or (current.status.phase == SUCCESSFUL and not current.proven)
    return look.status.aborted_at is not None


def _claimed(look: Look, step: Analysis, outcomes: tuple[Outcome, ...], current: Run | None) -> Run | None:
    """Return a run of this step that was created but not recorded yet: by us just now, or before we stopped."""
    created = {one.name for one in outcomes if isinstance(one, RunCreated)}
    base = step_run_name(look)
    wanted: Json | None = None
    for run in look.seen.runs:
        if (current is not None and run.name == current.name) or not _of_step(run.name, base) or run.deleting:
            continue
        if run.name in created:
            return run
        wanted = wanted or run_spec(look, step)
        if not run.completed and all(run.spec.get(part) == wanted.get(part) for part in ("metrics", "args")):
            return run
    return None


def _of_step(name: str, base: str) -> bool:
    return name == base or (name.startswith(f"{base}.") and name.removeprefix(f"{base}.").isdigit())


def _free_name(look: Look) -> str:
    base, count = step_run_name(look), 0
    name = base
    while name in look.seen.taken_run_names:
        count += 1
        name = f"{base}.{count}"
    return name


def _read(look: Look, run: Run) -> Verdict:
    ended, named = _ended(look, run), _named(run)
    phase = run.status.phase
    if phase in {ERROR, FAILED}:
        return Verdict(ended, named, abort=f"Step-based analysis phase error/failed: {run.status.message}")
    if phase == INCONCLUSIVE:
        return Verdict(ended, named, pause=True)
    if phase == SUCCESSFUL and not run.proven:
        return Verdict(ended, replace(named, message=NO_EVIDENCE) if named else None, pause=True)
    return Verdict(ended, named, passed=phase == SUCCESSFUL)


def _named(run: Run | None) -> CurrentRun | None:
    return CurrentRun(run.name, run.status.phase, run.status.message) if run else None


def _run(look: Look, name: str) -> Run | None:
    return next((run for run in look.seen.runs if run.name == name and not run.deleting), None)


def _ended(look: Look, keep: Run | None) -> tuple[Patch | Delete, ...]:
    """End the other runs, and delete the oldest of those that ended (history limits, 5 and 5 by default)."""
    others = [run for run in look.seen.runs if keep is None or run.name != keep.name]
    live = [run for run in others if not run.completed and not run.terminating and not run.deleting]
    ends = [
        Patch("AnalysisRun", look.seen.namespace, run.name, run.version, {"spec": {"terminate": True}}) for run in live
    ]
    named = look.status.run.name if look.status.run else ""
    old = sorted((run for run in others if run.completed and run.name != named), key=lambda run: run.created)
    good = [run for run in old if run.status.phase == SUCCESSFUL]
    bad = [run for run in old if run.status.phase != SUCCESSFUL]
    surplus = [
        *_surplus(good, look.spec.successful_runs_limit),
        *_surplus(bad, look.spec.unsuccessful_runs_limit),
    ]
    return (*ends, *(Delete("AnalysisRun", look.seen.namespace, run.name) for run in surplus))


def _surplus(runs: list[Run], limit: int) -> list[Run]:
    return [run for run in runs[: max(0, len(runs) - limit)] if not run.deleting]
