"""What `wavegate rollout` shows of a Rollout and its AnalysisRuns."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from wavegate.cli.showing import Facts, Rows
from wavegate.cli.words import age, at, plain
from wavegate.kube import GroupVersionKind

ROLLOUT = GroupVersionKind("argoproj.io", "v1alpha1", "Rollout")
ANALYSIS_RUN = GroupVersionKind("argoproj.io", "v1alpha1", "AnalysisRun")
RUNS = 5


def facts(rollout: Mapping[str, Any]) -> Facts:
    """Return where a Rollout stands, and why."""
    status = at(rollout, "status") or {}
    return (
        ("Rollout", f"{rollout['metadata']['namespace']}/{rollout['metadata']['name']}"),
        ("Status", f"{plain(status.get('phase'))} {plain(status.get('message'), 1_000)}".strip()),
        ("Step", _step(rollout)),
        ("Weight", _weight(status)),
        ("Paused", ", ".join(plain(one.get("reason")) for one in status.get("pauseConditions") or ())),
        ("Images", plain(", ".join(_images(rollout)))),
        ("Canary", plain(status.get("currentPodHash"))),
        ("Stable", plain(status.get("stableRS"))),
        ("Replicas", _replicas(rollout)),
    )


def summary(rollout: Mapping[str, Any]) -> str:
    """Return one line, for a watch that does not draw."""
    status = at(rollout, "status") or {}
    said = (plain(status.get("phase")), _step(rollout), _weight(status), plain(status.get("message")))
    return "  ".join(part for part in said if part)


def _step(rollout: Mapping[str, Any]) -> str:
    steps = at(rollout, "spec", "strategy", "canary", "steps") or []
    index = at(rollout, "status", "currentStepIndex")
    if index is None or not steps:
        return ""
    kind = next(iter(steps[index]), "") if index < len(steps) else ""
    return f"{index}/{len(steps)} {plain(kind)}".strip()


def _weight(status: Mapping[str, Any]) -> str:
    weights = at(status, "canary", "weights")
    if not weights:
        return ""
    return f"canary {plain(at(weights, 'canary', 'weight'))} %, stable {plain(at(weights, 'stable', 'weight'))} %"


def _images(rollout: Mapping[str, Any]) -> list[str]:
    containers = at(rollout, "spec", "template", "spec", "containers") or ()
    return [str(container.get("image", "")) for container in containers]


def _replicas(rollout: Mapping[str, Any]) -> str:
    status = at(rollout, "status") or {}
    wanted = at(rollout, "spec", "replicas")
    return f"{wanted if wanted is not None else 1} wanted, {status.get('updatedReplicas', 0)} updated, {status.get('availableReplicas', 0)} available"


def analyses(rollout: Mapping[str, Any], runs: Iterable[Mapping[str, Any]], now: datetime) -> Rows:
    """Return the measurements of the newest AnalysisRuns of a Rollout, one row for each metric."""
    uid = rollout["metadata"].get("uid")
    owned = [run for run in runs if any(one.get("uid") == uid for one in run["metadata"].get("ownerReferences") or ())]
    newest = sorted(owned, key=lambda run: str(run["metadata"].get("creationTimestamp")), reverse=True)[:RUNS]
    rows = [row for run in newest for row in _rows(run, now)]
    return Rows(("ANALYSIS", "PHASE", "METRIC", "MEASURED", "FAILED", "LAST VALUE", "AGE", "MESSAGE"), rows)


def _rows(run: Mapping[str, Any], now: datetime) -> list[tuple[str, ...]]:
    name, phase = plain(run["metadata"]["name"]), plain(at(run, "status", "phase"))
    since = age(run["metadata"].get("creationTimestamp"), now)
    message = plain(at(run, "status", "message"), 120)
    results = at(run, "status", "metricResults") or ()
    if not results:
        return [(name, phase, "", "", "", "", since, message)]
    return [
        (name, phase, *_measured(result), since, plain(result.get("message"), 120) or message) for result in results
    ]


def _measured(result: Mapping[str, Any]) -> tuple[str, str, str, str]:
    last: Mapping[str, Any] = next(reversed(result.get("measurements") or ()), {})
    kinds = ("successful", "failed", "inconclusive", "error")
    count = sum(int(result.get(kind) or 0) for kind in kinds)
    failed = plain(result.get("failed") or 0)
    return (plain(result.get("name")), plain(count), failed, plain(last.get("value"), 40))
