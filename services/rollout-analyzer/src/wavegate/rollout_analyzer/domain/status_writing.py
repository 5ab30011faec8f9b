"""The status that a look ends with: every field as Argo Rollouts writes it (rollouts.md §2.4 and §2.5)."""

from wavegate.rollout_analyzer.domain.condition_rules import Counted, next_conditions
from wavegate.rollout_analyzer.domain.conditions import INVALID_SPEC, TRUE, Conditions
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import Json
from wavegate.rollout_analyzer.domain.observation import Look, Observation
from wavegate.rollout_analyzer.domain.phase import PhaseInputs, phase_of
from wavegate.rollout_analyzer.domain.progress import Progress
from wavegate.rollout_analyzer.domain.replica_sets import Sets, total
from wavegate.rollout_analyzer.domain.rollout_status import CurrentRun, Weights
from wavegate.rollout_analyzer.domain.times import format_time


def counted(sets: Sets) -> Counted:
    """Return the pods of all ReplicaSets of a Rollout."""
    return Counted(
        current=total(sets.all, "current"),
        updated=sets.new.current if sets.new else 0,
        ready=total(sets.all, "ready"),
        available=total(sets.all, "available"),
    )


def next_status(look: Look, progress: Progress, weights: Weights | None, run: CurrentRun | None) -> Json:
    """Return the whole status after a look."""
    pods = counted(look.sets)
    conditions = next_conditions(look, progress, pods)
    pause = progress.pauses[0].reason if progress.pauses else ""
    phase, message = phase_of(
        PhaseInputs(
            conditions=conditions.listed,
            paused=look.spec.paused,
            pause_reason=pause,
            wanted=look.spec.replicas,
            updated=pods.updated,
            available=pods.available,
            current=pods.current,
            routed=look.spec.canary.routed,
            promoted=bool(progress.stable_hash) and progress.stable_hash == progress.pod_hash,
        )
    )
    return _assembled(look, progress, pods) | {
        "canary": _canary(weights, None if progress.run_cleared else run),
        "conditions": list(conditions.listed),
        "phase": phase,
        "message": message or None,
    }


def _assembled(look: Look, progress: Progress, pods: Counted) -> Json:
    return {
        **look.status.raw,
        "HPAReplicas": pods.current,
        "replicas": pods.current,
        "updatedReplicas": pods.updated,
        "readyReplicas": pods.ready,
        "availableReplicas": pods.available,
        "selector": format_selector(look.spec.selector),
        "observedGeneration": str(look.seen.generation),
        "currentPodHash": progress.pod_hash,
        "stableRS": progress.stable_hash or None,
        "currentStepHash": progress.steps_hash,
        "currentStepIndex": progress.step_index,
        "abort": progress.abort or None,
        "abortedAt": format_time(progress.aborted_at) if progress.aborted_at else None,
        "promoteFull": progress.promote_full or None,
        "controllerPause": progress.controller_pause or None,
        "pauseConditions": [one.to_json() for one in progress.pauses] or None,
        "collisionCount": look.status.collisions,
        "blueGreen": mapping(look.status.raw, "blueGreen"),
    }


def _canary(weights: Weights | None, run: CurrentRun | None) -> Json:
    return {
        "weights": weights.to_json() if weights else None,
        "currentStepAnalysisRunStatus": run.to_json() if run else None,
    }


def invalid_status(seen: Observation, conditions: Conditions, message: str) -> Json:
    """Return the status of a Rollout that cannot be worked on: the rest of it stays as it was."""
    text = f'The Rollout "{seen.name}" is invalid: {message}'
    old = conditions.get(INVALID_SPEC)
    if old is None or old.get("message") != text:
        conditions = conditions.refreshed(INVALID_SPEC, TRUE, INVALID_SPEC, text)
    return {
        **seen.status.raw,
        "conditions": list(conditions.listed),
        "observedGeneration": str(seen.generation),
        "phase": "Degraded",
        "message": f"{INVALID_SPEC}: {text}",
    }


def format_selector(selector: Json) -> str:
    """Return a label selector as text, as the scale subresource wants it."""
    labels = mapping(selector, "matchLabels")
    parts = [f"{key}={value}" for key, value in sorted(labels.items())]
    expressions = selector.get("matchExpressions")
    for one in expressions if isinstance(expressions, list) else []:
        key, operator, values = one.get("key"), one.get("operator"), sorted(one.get("values") or [])
        texts = {"In": f"{key} in ({','.join(values)})", "NotIn": f"{key} notin ({','.join(values)})"}
        texts |= {"Exists": f"{key}", "DoesNotExist": f"!{key}"}
        parts.append(texts.get(str(operator), ""))
    return ",".join(part for part in parts if part)


def merge_patch(old: Json, new: Json) -> Json | None:
    """Return the JSON merge patch from `old` to `new`, None when there is no difference. None in `new` means absent."""
    patch: Json = {}
    for key in sorted({*old, *new}):
        before, now = old.get(key), new.get(key)
        if isinstance(before, dict) and isinstance(now, dict):
            inner = merge_patch(before, now)
            if inner is not None:
                patch[key] = inner
        elif _cleaned(before) != _cleaned(now):
            patch[key] = _cleaned(now)
    return patch or None


def _cleaned(value: object) -> object:
    """Return a value without members that are None: such members mean absence."""
    if isinstance(value, dict):
        return {key: _cleaned(one) for key, one in value.items() if one is not None}
    return value
