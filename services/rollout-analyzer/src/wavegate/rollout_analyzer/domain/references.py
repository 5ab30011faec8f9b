"""Whether the objects that a Rollout names are there and fit (rollouts.md §1, validation of references)."""

from collections.abc import Iterator

from wavegate.contracts.reasons import Reason
from wavegate.rollout_analyzer.domain.istio import RouteTrouble, route_indexes, subset_trouble
from wavegate.rollout_analyzer.domain.istio_spec import PATH as ISTIO_PATH
from wavegate.rollout_analyzer.domain.istio_spec import Istio, VirtualServiceRef
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.metrics import InvalidMetric, read_metrics
from wavegate.rollout_analyzer.domain.names import MANAGED_BY, Json
from wavegate.rollout_analyzer.domain.observation import Observation
from wavegate.rollout_analyzer.domain.problems import Unusable, invalid, unsupported
from wavegate.rollout_analyzer.domain.rollout_spec import CANARY, RolloutSpec
from wavegate.rollout_analyzer.domain.steps import PATH as STEPS
from wavegate.rollout_analyzer.domain.steps import Analysis, TemplateRef
from wavegate.rollout_analyzer.domain.templates import PARTS_UNSUPPORTED, flattened, template_specs

ISTIO_KIND = "VirtualService"


def check_references(seen: Observation, spec: RolloutSpec) -> None:
    """Check everything that a Rollout names.

    Raises:
        Unusable: The first thing that is missing or does not fit, in Argo's words where Argo has them.
    """
    for trouble in _troubles(seen, spec):
        raise trouble


def _troubles(seen: Observation, spec: RolloutSpec) -> Iterator[Unusable]:
    canary = spec.canary
    if seen.hash_trouble:
        yield invalid("spec.template", "", seen.hash_trouble)
    yield from _service(seen, "canaryService", canary.canary_service)
    yield from _service(seen, "stableService", canary.stable_service)
    for index, step in enumerate(spec.canary.steps):
        if isinstance(step, Analysis):
            yield from _templates(seen, f"{STEPS}[{index}].analysis.templates", step)
    if canary.istio is not None:
        yield from _istio(seen, spec, canary.istio)


def _service(seen: Observation, key: str, name: str) -> Iterator[Unusable]:
    if not name:
        return
    path, service = f"{CANARY}.{key}", seen.services.get(name)
    if service is None:
        yield invalid(path, name, f'service "{name}" not found', Reason.SERVICE_MISSING)
        return
    owner = mapping(service, "metadata", "annotations").get(MANAGED_BY)
    if owner not in (None, "", seen.name):
        yield invalid(path, name, f'Service "{name}" is managed by another Rollout', Reason.INVALID_ROLLOUT)


def _templates(seen: Observation, path: str, step: Analysis) -> Iterator[Unusable]:
    for reference in step.templates:
        if seen.templates.get(reference) is None:
            yield invalid(path, reference.name, f"{reference} not found", Reason.TEMPLATE_MISSING)
            return
    try:
        found = template_specs(step.templates, seen.templates)
    except ValueError as missing:
        yield invalid(path, step.templates[0].name, str(missing), Reason.TEMPLATE_MISSING)
        return
    yield from _template_parts(path, found)
    try:
        metrics, _ = flattened([spec for _, spec in found])
        _check_plain_metrics(metrics)
    except (ValueError, InvalidMetric) as trouble:
        yield invalid(path, step.templates[0].name, str(trouble), Reason.INVALID_ANALYSIS)


def _template_parts(path: str, found: list[tuple[TemplateRef, Json]]) -> Iterator[Unusable]:
    for reference, spec in found:
        for part in PARTS_UNSUPPORTED:
            if spec.get(part):
                yield unsupported(path, f"{part} of {reference}")


def _check_plain_metrics(metrics: list[Json]) -> None:
    """Check the metrics that no argument can still change; the others are checked when their run begins."""
    plain = [metric for metric in metrics if "{{" not in repr(metric)]
    if plain or not metrics:
        read_metrics(plain)


def _istio(seen: Observation, spec: RolloutSpec, istio: Istio) -> Iterator[Unusable]:
    if ISTIO_KIND in seen.missing_kinds:
        yield invalid(f"{ISTIO_PATH}", "", "the cluster does not know the kind VirtualService", Reason.KIND_UNKNOWN)
        return
    for reference in istio.virtual_services:
        yield from _virtual_service(seen, spec, reference)
    if istio.subsets is not None:
        rule = seen.destination_rules.get(istio.subsets.rule)
        if trouble := subset_trouble(rule, istio.subsets):
            yield invalid(
                f"{ISTIO_PATH}.destinationRule.name", istio.subsets.rule, trouble, Reason.TRAFFIC_ROUTE_INVALID
            )


def _virtual_service(seen: Observation, spec: RolloutSpec, reference: VirtualServiceRef) -> Iterator[Unusable]:
    live = seen.virtual_services.get(key_of(reference, seen.namespace))
    if live is None:
        detail = f'virtualservices.networking.istio.io "{reference.name}" not found'
        yield invalid(reference.path, reference.name, detail, Reason.TRAFFIC_ROUTE_INVALID)
        return
    try:
        route_indexes(live, reference, spec.canary)
    except RouteTrouble as trouble:
        detail = f"Istio VirtualService has invalid HTTP routes. Error: {trouble}"
        yield invalid(reference.path, reference.name, detail, Reason.TRAFFIC_ROUTE_INVALID)


def key_of(reference: VirtualServiceRef, namespace: str) -> str:
    """Return `<namespace>/<name>` of a VirtualService; it may be named with its namespace."""
    return f"{reference.namespace or namespace}/{reference.name}"
