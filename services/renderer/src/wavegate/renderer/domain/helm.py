"""From the Helm options of an Application to what Helm is asked (argocd.md §2.13)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from wavegate.argo.application import HelmSource
from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.renderer.domain import paths
from wavegate.renderer.domain.build_environment import substituted
from wavegate.renderer.domain.plans import HelmPlan, Parameter

_UNESCAPED_COMMA = re.compile(r"(?<!\\),")
_PATTERN = re.compile(r"[*?\[{]")


@dataclass(frozen=True, slots=True)
class Cluster:
    """What charts may ask of the cluster: `.Capabilities`."""

    version: str
    api_versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """What a chart is rendered as when the options do not say otherwise."""

    name: str
    namespace: str


def plan(
    path: str, options: HelmSource, release: Release, cluster: Cluster, environment: Mapping[str, str]
) -> HelmPlan:
    """Return what Helm is asked.

    Raises:
        Rejected: PATH_OUTSIDE_REPOSITORY, FEATURE_UNSUPPORTED.
    """
    return HelmPlan(
        path=path,
        release_name=options.release_name or release.name,
        namespace=options.namespace or release.namespace,
        kube_version=options.kube_version or cluster.version,
        api_versions=options.api_versions or cluster.api_versions,
        value_files=tuple(_value_file(path, name, environment) for name in options.value_files),
        ignore_missing_value_files=options.ignore_missing_value_files,
        values=_values(options),
        parameters=tuple(
            Parameter(one.name, _escaped(substituted(one.value, environment)), one.force_string)
            for one in options.parameters
        ),
        file_parameters=tuple(
            Parameter(one.name, paths.reference(path, substituted(one.path, environment)))
            for one in options.file_parameters
        ),
        skip_crds=options.skip_crds,
        skip_tests=options.skip_tests,
        skip_schema_validation=options.skip_schema_validation,
    )


def _value_file(path: str, name: str, environment: Mapping[str, str]) -> str:
    if name.startswith("$") and "/" in name and name[1:].partition("/")[0] not in environment:
        raise Rejected(Reason.FEATURE_UNSUPPORTED, f"value file {name}: sources by reference are not supported yet")
    given = substituted(name, environment)
    if _PATTERN.search(given):
        raise Rejected(Reason.FEATURE_UNSUPPORTED, f"value file {given}: patterns are not supported yet")
    return paths.reference(path, given)


def _values(options: HelmSource) -> str:
    """Return the inline values; JSON is YAML, and `valuesObject` takes the place of `values`."""
    return json.dumps(options.values_object) if options.values_object else options.values


def _escaped(value: str) -> str:
    """Escape commas, which `--set` would take as the end of the value; a list in braces keeps its own."""
    if value.startswith("{") and value.endswith("}"):
        return value
    return _UNESCAPED_COMMA.sub(r"\\,", value)
