"""Which Rollouts to look at when an object changes: those that it belongs to or that name it; and who is told of them."""

from collections.abc import Iterable

from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import Json

NOTIFICATIONS = "notifications.argoproj.io"


def asks_for_messages(rollout: Json | None) -> bool:
    """Tell whether an annotation of a Rollout subscribes somebody to its notifications, or tries to."""
    annotations = mapping(rollout, "metadata", "annotations")
    return any(
        name.startswith(f"{NOTIFICATIONS}/subscribe.") or name == f"{NOTIFICATIONS}/subscriptions"
        for name in annotations
    )


def controller_of(live: Json, kind: str) -> str:
    """Return `<namespace>/<name>` of an object's controller of a kind, empty when it has none."""
    metadata = mapping(live, "metadata")
    references = metadata.get("ownerReferences")
    for one in references if isinstance(references, list) else []:
        if one.get("controller") and one.get("kind") == kind:
            return f"{metadata.get('namespace', '')}/{one.get('name', '')}"
    return ""


def naming(rollouts: Iterable[Json], kind: str, namespace: str, name: str) -> list[str]:
    """Return the keys of the Rollouts that name an object."""
    return [_key(rollout) for rollout in rollouts if _names(rollout, kind, namespace, name)]


def _key(rollout: Json) -> str:
    metadata = mapping(rollout, "metadata")
    return f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"


def _names(rollout: Json, kind: str, namespace: str, name: str) -> bool:
    at_home = mapping(rollout, "metadata").get("namespace") == namespace
    canary = mapping(rollout, "spec", "strategy", "canary")
    if kind == "Service":
        return at_home and name in (canary.get("canaryService"), canary.get("stableService"))
    if kind in {"AnalysisTemplate", "ClusterAnalysisTemplate"}:
        return (at_home or kind == "ClusterAnalysisTemplate") and _measures(canary)
    istio = mapping(canary, "trafficRouting", "istio")
    if kind == "DestinationRule":
        return at_home and mapping(istio, "destinationRule").get("name") == name
    listed = istio.get("virtualServices")
    services = [istio.get("virtualService"), *(listed if isinstance(listed, list) else [])]
    return any(_is(mapping(one).get("name"), name, namespace, at_home=at_home) for one in services)


def _is(named: object, name: str, namespace: str, *, at_home: bool) -> bool:
    return (named == name and at_home) or named == f"{name}.{namespace}"


def _measures(canary: Json) -> bool:
    """Tell whether a strategy has an analysis step; templates name templates, so any may matter to it."""
    steps = canary.get("steps")
    return any(isinstance(one, dict) and "analysis" in one for one in steps) if isinstance(steps, list) else False
