"""From analysis templates to an AnalysisRun (rollouts.md §1 and §2.7)."""

from collections.abc import Mapping, Sequence

from wavegate.contracts.reasons import Reason
from wavegate.rollout_analyzer.domain.arguments import UnresolvedArgument, from_rollout
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import (
    API_VERSION,
    HASH_LABEL,
    INSTANCE_LABEL,
    REVISION,
    RUN_TYPE_LABEL,
    STEP_INDEX_LABEL,
    STEP_RUN,
    Json,
)
from wavegate.rollout_analyzer.domain.observation import Look
from wavegate.rollout_analyzer.domain.problems import Problem, Unusable
from wavegate.rollout_analyzer.domain.steps import Analysis, TemplateRef

PARTS_UNSUPPORTED = ("dryRun", "measurementRetention")
NESTED_LIMIT = 50


def step_run_name(look: Look) -> str:
    """Return the name of the current step's run; a further one of the step gets `.1`, `.2` and so on."""
    return f"{look.seen.name}-{look.seen.pod_hash}-{look.revision}-{look.index}"


def step_run(look: Look, step: Analysis, name: str) -> Json:
    """Build the AnalysisRun of the current step.

    Raises:
        Unusable: The templates do not fit together, or leave an argument without a value.
    """
    return {
        "apiVersion": API_VERSION,
        "kind": "AnalysisRun",
        "metadata": {
            "name": name,
            "namespace": look.seen.namespace,
            "labels": _labels(look, step),
            "annotations": {**mapping(step.metadata, "annotations"), REVISION: str(look.revision)},
            "ownerReferences": [owner_reference(look.seen.rollout)],
        },
        "spec": run_spec(look, step),
    }


def owner_reference(rollout: Json) -> Json:
    """Return the reference that makes a Rollout the controller of an object."""
    metadata = mapping(rollout, "metadata")
    return {
        "apiVersion": API_VERSION,
        "kind": "Rollout",
        "name": metadata.get("name"),
        "uid": metadata.get("uid"),
        "controller": True,
        "blockOwnerDeletion": True,
    }


def _labels(look: Look, step: Analysis) -> Json:
    labels = mapping(look.seen.rollout, "metadata", "labels")
    own = {HASH_LABEL: look.seen.pod_hash, RUN_TYPE_LABEL: STEP_RUN, STEP_INDEX_LABEL: str(look.index)}
    if labels.get(INSTANCE_LABEL):
        own[INSTANCE_LABEL] = labels[INSTANCE_LABEL]
    return {**own, **mapping(step.metadata, "labels"), **mapping(look.spec.selector, "matchLabels")}


def run_spec(look: Look, step: Analysis) -> Json:
    """Return the spec of a step's run: the metrics of all its templates, with the step's arguments."""
    stable = look.sets.stable.pod_hash if look.sets.stable else ""
    try:
        given = from_rollout(step.args, look.seen.rollout, look.seen.pod_hash, stable)
        metrics, declared = flattened([spec for _, spec in template_specs(step.templates, look.seen.templates)])
        return {"metrics": metrics} | ({"args": merged} if (merged := merged_args(given, declared)) else {})
    except (UnresolvedArgument, ValueError) as error:
        raise Unusable(
            Problem(Reason.INVALID_ANALYSIS, f"spec.strategy.canary.steps[{look.index}].analysis: {error}")
        ) from None


def template_specs(
    references: Sequence[TemplateRef], templates: Mapping[TemplateRef, Json | None]
) -> list[tuple[TemplateRef, Json]]:
    """Return the specs of templates and of the templates that they name, each once, in order.

    Raises:
        ValueError: One does not exist.
    """
    found: dict[TemplateRef, Json] = {}
    waiting = list(references)
    while waiting and len(found) < NESTED_LIMIT:
        reference = waiting.pop(0)
        if reference in found:
            continue
        template = templates.get(reference)
        if template is None:
            raise ValueError(f"{reference} not found")
        found[reference] = mapping(template, "spec")
        waiting.extend(nested(found[reference]))
    return list(found.items())


def nested(spec: Json) -> list[TemplateRef]:
    """Return the templates that a template names."""
    listed = spec.get("templates")
    return [
        TemplateRef(str(one.get("templateName") or ""), bool(one.get("clusterScope")))
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict)
    ]


def flattened(specs: Sequence[Json]) -> tuple[list[Json], list[Json]]:
    """Return the metrics and arguments of several templates as one.

    Raises:
        ValueError: Two metrics share a name, or an argument has two values; the text is Argo's.
    """
    metrics: dict[str, Json] = {}
    args: dict[str, Json] = {}
    for spec in specs:
        for metric in _maps(spec, "metrics"):
            if str(metric.get("name")) in metrics:
                raise ValueError(f"two metrics have the same name '{metric.get('name')}'")
            metrics[str(metric.get("name"))] = metric
        for arg in _maps(spec, "args"):
            _add_argument(args, arg)
    return list(metrics.values()), list(args.values())


def _add_argument(args: dict[str, Json], arg: Json) -> None:
    name = str(arg.get("name"))
    known = args.get(name)
    if known is None or known.get("value") is None:
        args[name] = arg
    elif arg.get("value") is not None and arg["value"] != known["value"]:
        raise ValueError(
            f"Argument `{name}` specified multiple times with different values: '{known['value']}', '{arg['value']}'"
        )


def merged_args(given: Sequence[Json], declared: Sequence[Json]) -> list[Json]:
    """Return the declared arguments with the values given; what is not declared is passed over, as Argo does.

    Raises:
        UnresolvedArgument: One has neither a value nor a source.
    """
    by_name = {str(arg.get("name")): arg for arg in given}
    merged = []
    for arg in declared:
        name = str(arg.get("name"))
        value = mapping(by_name.get(name)).get("value")
        one = {"name": name, "value": value} if value is not None else dict(arg)
        if one.get("value") is None and not one.get("valueFrom"):
            raise UnresolvedArgument(f"args.{name} was not resolved")
        merged.append(one)
    return merged


def _maps(spec: Json, key: str) -> list[Json]:
    value = spec.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
