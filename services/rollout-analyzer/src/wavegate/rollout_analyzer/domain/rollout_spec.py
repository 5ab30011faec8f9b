"""What a Rollout asks for, read from its spec. Only what this part does passes; the rest is refused by name."""

from dataclasses import dataclass

from wavegate.rollout_analyzer.domain.istio_spec import Istio, read_istio
from wavegate.rollout_analyzer.domain.json_access import flag, maps, only, section, text, whole
from wavegate.rollout_analyzer.domain.names import Json
from wavegate.rollout_analyzer.domain.problems import invalid, required, unsupported
from wavegate.rollout_analyzer.domain.steps import Step, read_steps

STRATEGY = "spec.strategy"
CANARY = "spec.strategy.canary"

_SPEC = (
    "replicas",
    "selector",
    "template",
    "paused",
    "minReadySeconds",
    "revisionHistoryLimit",
    "progressDeadlineSeconds",
    "progressDeadlineAbort",
    "rollbackWindow",
    "analysis",
    "strategy",
)
_CANARY = (
    "steps",
    "canaryService",
    "stableService",
    "trafficRouting",
    "maxSurge",
    "maxUnavailable",
    "scaleDownDelaySeconds",
    "scaleDownDelayRevisionLimit",
    "abortScaleDownDelaySeconds",
    "minPodsPerReplicaSet",
)
_UNSUPPORTED = {
    "workloadRef": "workloadRef",
    "restartAt": "restartAt",
    "analysis": "background analysis",
    "dynamicStableScale": "dynamicStableScale",
    "pingPong": "ping-pong",
    "antiAffinity": "antiAffinity",
    "canaryMetadata": "canaryMetadata",
    "stableMetadata": "stableMetadata",
    "replicaProgressThreshold": "replicaProgressThreshold",
}
_SAME_SERVICE = (
    "This rollout uses the same service for the stable and canary services, but two different services are required."
)
_SELECT_ALL = "This rollout is selecting all pods. A non-empty selector is required."


@dataclass(frozen=True, slots=True)
class Canary:
    """The canary strategy. Delays in seconds; `abort_scale_down_delay` None leaves an aborted canary up for ever."""

    steps: tuple[Step, ...] = ()
    canary_service: str = ""
    stable_service: str = ""
    istio: Istio | None = None
    max_surge: int = 1
    max_unavailable: int = 0
    scale_down_delay: int = 30
    scale_down_delay_revision_limit: int | None = None
    abort_scale_down_delay: int | None = 30
    min_pods: int = 1

    @property
    def routed(self) -> bool:
        """Tell whether a traffic router splits the traffic."""
        return self.istio is not None


@dataclass(frozen=True, slots=True)
class RolloutSpec:
    """A Rollout's spec. Limits and windows count; deadlines in seconds."""

    replicas: int
    selector: Json
    template: Json
    canary: Canary
    paused: bool = False
    min_ready_seconds: int = 0
    revision_history_limit: int = 10
    progress_deadline: int = 600
    progress_deadline_abort: bool = False
    rollback_window: int = 0
    successful_runs_limit: int = 5
    unsuccessful_runs_limit: int = 5


def read_spec(spec: Json) -> RolloutSpec:
    """Read a Rollout's spec.

    Raises:
        Unusable: It is invalid (Argo's words), or uses what is not supported.
    """
    only(spec, "spec", _SPEC, _UNSUPPORTED)
    replicas = whole(spec, "spec", "replicas", 1)
    history = section(spec, "spec", "analysis") or {}
    window = section(spec, "spec", "rollbackWindow") or {}
    return RolloutSpec(
        replicas=replicas,
        selector=_selector(spec),
        template=_template(spec),
        canary=_canary(spec, replicas),
        paused=flag(spec, "spec", "paused"),
        min_ready_seconds=whole(spec, "spec", "minReadySeconds", 0),
        revision_history_limit=whole(spec, "spec", "revisionHistoryLimit", 10),
        progress_deadline=whole(spec, "spec", "progressDeadlineSeconds", 600, least=1),
        progress_deadline_abort=flag(spec, "spec", "progressDeadlineAbort"),
        rollback_window=whole(window, "spec.rollbackWindow", "revisions", 0),
        successful_runs_limit=whole(history, "spec.analysis", "successfulRunHistoryLimit", 5),
        unsuccessful_runs_limit=whole(history, "spec.analysis", "unsuccessfulRunHistoryLimit", 5),
    )


def _selector(spec: Json) -> Json:
    selector = section(spec, "spec", "selector")
    if selector is None:
        raise required("spec.selector", "Rollout has missing field '.spec.selector'")
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        raise invalid("spec.selector", selector, _SELECT_ALL)
    labels = (_template(spec).get("metadata") or {}).get("labels") or {}
    wanted = selector.get("matchLabels") or {}
    if (
        not isinstance(labels, dict)
        or not isinstance(wanted, dict)
        or any(labels.get(k) != v for k, v in wanted.items())
    ):
        raise invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
    return selector


def _template(spec: Json) -> Json:
    template = section(spec, "spec", "template")
    if template is None:
        raise required("spec.template", "Rollout has missing field '.spec.template'")
    section(section(template, "spec.template", "metadata") or {}, "spec.template.metadata", "labels")
    return template


def _canary(spec: Json, replicas: int) -> Canary:
    strategy = section(spec, "spec", "strategy") or {}
    if strategy.get("blueGreen") is not None:
        if strategy.get("canary") is not None:
            raise invalid(STRATEGY, "", "Multiple Strategies can not be listed")
        raise unsupported(f"{STRATEGY}.blueGreen", "the blueGreen strategy")
    canary = section(strategy, STRATEGY, "canary")
    if canary is None:
        raise required(STRATEGY, "Rollout has missing field '.spec.strategy.canary or .spec.strategy.blueGreen'")
    only(canary, CANARY, _CANARY, _UNSUPPORTED)
    istio = read_istio(canary)
    stable, new = text(canary, CANARY, "stableService"), text(canary, CANARY, "canaryService")
    _check_services(stable, new, istio)
    surge, unavailable = _fenceposts(canary, replicas)
    return Canary(
        steps=read_steps(maps(canary, CANARY, "steps")),
        canary_service=new,
        stable_service=stable,
        istio=istio,
        max_surge=surge,
        max_unavailable=unavailable,
        scale_down_delay=whole(canary, CANARY, "scaleDownDelaySeconds", 30) if istio else 0,
        scale_down_delay_revision_limit=_optional(canary, "scaleDownDelayRevisionLimit"),
        abort_scale_down_delay=whole(canary, CANARY, "abortScaleDownDelaySeconds", 30) or None,
        min_pods=whole(canary, CANARY, "minPodsPerReplicaSet", 1, least=1),
    )


def _optional(canary: Json, key: str) -> int | None:
    return None if canary.get(key) is None else whole(canary, CANARY, key, 0)


def _check_services(stable: str, new: str, istio: Istio | None) -> None:
    if stable and stable == new:
        raise invalid(f"{CANARY}.stableService", stable, _SAME_SERVICE)
    if istio is None or (stable and new):
        return
    if istio.subsets is None:
        raise invalid(
            f"{CANARY}.trafficRouting", "", "Canary service and Stable service must to be set to use Traffic Routing"
        )


def _fenceposts(canary: Json, replicas: int) -> tuple[int, int]:
    """Return maxSurge and maxUnavailable in pods (rollouts.md §1: both 25 % by default, rounded up and down)."""
    surge_value, unavailable_value = canary.get("maxSurge"), canary.get("maxUnavailable")
    surge = _pods(surge_value, replicas, "maxSurge")
    unavailable = _pods(unavailable_value, replicas, "maxUnavailable")
    if surge == 0 and unavailable == 0:
        if _zero(surge_value) and _zero(unavailable_value):
            raise invalid(f"{CANARY}.maxSurge", surge_value, "MaxSurge and MaxUnavailable both can not be zero")
        unavailable = 1
    return surge, min(unavailable, replicas)


def _zero(value: object) -> bool:
    return value in (0, "0", "0%") and value is not False


def _pods(value: object, replicas: int, key: str) -> int:
    up = key == "maxSurge"
    if value is None:
        value = "25%"
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    digits = value.removesuffix("%") if isinstance(value, str) else ""
    if not digits.isascii() or not digits.isdigit() or int(digits) > 1_000_000:
        raise invalid(f"{CANARY}.{key}", value, "must be a number of pods or a percentage")
    share = int(digits) * replicas
    return -(-share // 100) if up else share // 100
