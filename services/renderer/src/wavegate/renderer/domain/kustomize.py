"""From the Kustomize options of an Application to what Kustomize is asked."""

from collections.abc import Mapping

from wavegate.argo.application import KustomizeSource
from wavegate.renderer.domain.build_environment import substituted
from wavegate.renderer.domain.plans import KustomizePlan


def plan(path: str, options: KustomizeSource, environment: Mapping[str, str]) -> KustomizePlan:
    """Return what Kustomize is asked; annotations have the build environment put in where the options say so."""
    if not options.common_annotations_envsubst:
        return KustomizePlan(path, options)
    annotations = {name: substituted(value, environment) for name, value in options.common_annotations.items()}
    changes = {"common_annotations": annotations, "common_annotations_envsubst": False}
    return KustomizePlan(path, options.model_copy(update=changes))
