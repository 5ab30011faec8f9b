"""`Application.status` as Argo CD writes it (argocd.md §2.8), computed from our state and from what lives.

Nothing is added to what Argo CD defines: its CRD has a closed schema (architecture §3). Unlike Argo CD by default, the
health of each object is shown inline, as with `controller.resource.health.persist`: no other service need be asked for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wavegate.manifests.health import Health, HealthStatus
from wavegate.manifests.identity import JsonObject, version_of
from wavegate.syncer.domain import conditions, images, operation_status
from wavegate.syncer.domain.admission import Objection
from wavegate.syncer.domain.comparison import Compared, Comparison, compare
from wavegate.syncer.domain.ending import timestamp
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.wanted import Wanted

SYNCED, OUT_OF_SYNC, UNKNOWN = "Synced", "OutOfSync", "Unknown"


def target_of(turn: Turn) -> Wanted | None:
    """Return the objects that the application is compared with: those of the newest render, where they can be had."""
    render = turn.state.render
    if render is None or render.spec_digest != turn.application.spec_digest:
        return None
    found = turn.bundle(render.bundle.digest)
    return found if isinstance(found, Wanted) else None


def computed(turn: Turn, objections: Sequence[Objection]) -> dict[str, Any]:
    """Return the whole status."""
    target = target_of(turn)
    compared = compare(turn.seen, target, turn.state.baselines) if target is not None else None
    is_known = compared is not None and not objections and not list(conditions.comparison_errors(turn))
    shown = turn.application.status
    status: dict[str, Any] = {
        "controllerNamespace": turn.application.control_namespace,
        "conditions": conditions.conditions(turn, objections, target),
        "health": _health(turn, compared, is_invalid=bool(objections)),
        "history": list(turn.state.history),
        "resources": list(_resources(compared, target)) if compared and target else shown.get("resources"),
        "summary": images.summary(compared) if compared else shown.get("summary"),
        "sync": _sync(turn, compared, is_known=is_known),
        "sourceType": None,
        "sourceTypes": None,
        "operationState": operation_status.computed(turn),
    }
    status.update(_source_types(turn))
    return {name: value for name, value in status.items() if value not in (None, [], {})}


def _source_types(turn: Turn) -> dict[str, Any]:
    types = turn.state.render.source_types if turn.state.render else ()
    if not types:
        return {}
    return {"sourceTypes": list(types)} if turn.application.is_multi_source else {"sourceType": types[0]}


def health(turn: Turn, compared: Comparison | None, *, is_invalid: bool) -> Health:
    """Return the application's health; what cannot be judged is Unknown."""
    if is_invalid:
        return Health(HealthStatus.UNKNOWN)
    if compared is None:
        return Health(HealthStatus.UNKNOWN if turn.state.render is not None else HealthStatus.MISSING)
    return compared.health


def _health(turn: Turn, compared: Comparison | None, *, is_invalid: bool) -> dict[str, str]:
    found = health(turn, compared, is_invalid=is_invalid)
    shown = turn.application.status.get("health")
    old: Mapping[str, Any] = shown if isinstance(shown, Mapping) else {}
    since = old.get("lastTransitionTime") if old.get("status") == str(found.status) else None
    result = {"status": str(found.status), "lastTransitionTime": str(since or timestamp(turn.now))}
    return {**result, "message": found.message} if found.message else result


def _sync(turn: Turn, compared: Comparison | None, *, is_known: bool) -> dict[str, Any]:
    status = UNKNOWN
    if is_known and compared is not None:
        status = SYNCED if compared.is_synced else OUT_OF_SYNC
    spec = turn.application.spec
    against: dict[str, Any] = {"destination": dict(spec.get("destination") or {})}
    if turn.application.is_multi_source:
        against["sources"] = list(turn.application.sources)
    elif turn.application.sources:
        against["source"] = dict(turn.application.sources[0])
    if spec.get("ignoreDifferences"):
        against["ignoreDifferences"] = spec["ignoreDifferences"]
    return {"status": status, "comparedTo": against, **_revision(turn)}


def _revision(turn: Turn) -> dict[str, Any]:
    commits = turn.state.render.commits if turn.state.render else ()
    if not commits:
        return {}
    return {"revisions": [c.sha for c in commits]} if turn.application.is_multi_source else {"revision": commits[0].sha}


def _resources(compared: Comparison, target: Wanted) -> Iterator[JsonObject]:
    for each in sorted(compared.objects.values(), key=lambda each: each.key):
        yield _resource(each, target)


def _resource(each: Compared, target: Wanted) -> JsonObject:
    source = each.wanted if each.wanted is not None else each.live or {}
    wave = target.waves.get(each.key, 0)
    entry: JsonObject = {
        "group": each.key.group,
        "version": version_of(str(source.get("apiVersion") or "")),
        "kind": each.key.kind,
        "namespace": each.key.namespace,
        "name": each.key.name,
        "status": SYNCED if each.is_synced else OUT_OF_SYNC,
        "health": _resource_health(each),
        "requiresPruning": each.requires_pruning,
        "syncWave": wave,
    }
    return {name: value for name, value in entry.items() if value}


def _resource_health(each: Compared) -> dict[str, str]:
    if each.live is None:
        return {"status": str(HealthStatus.MISSING)}
    if each.health is None:
        return {}
    shown = {"status": str(each.health.status)}
    return {**shown, "message": each.health.message} if each.health.message else shown
