"""What is to be rendered, and how: the plan of one source, a plain value that is part of the cache key."""

from dataclasses import dataclass
from enum import StrEnum

from wavegate.argo.application import ApplicationSource, DirectorySource, KustomizeSource
from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason

KUSTOMIZATION_NAMES = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
CHART_NAME = "Chart.yaml"


class SourceType(StrEnum):
    """Which tool renders a source, as `status.sourceType` names it."""

    HELM = "Helm"
    KUSTOMIZE = "Kustomize"
    DIRECTORY = "Directory"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `--set`; `force_string` makes it `--set-string`."""

    name: str
    value: str
    force_string: bool = False


@dataclass(frozen=True, slots=True)
class HelmPlan:
    """`helm template` of the chart at `path`. Every path is plain and relative to the repository's root."""

    path: str
    release_name: str
    namespace: str
    kube_version: str
    api_versions: tuple[str, ...]
    value_files: tuple[str, ...] = ()
    ignore_missing_value_files: bool = False
    values: str = ""
    parameters: tuple[Parameter, ...] = ()
    file_parameters: tuple[Parameter, ...] = ()
    skip_crds: bool = False
    skip_tests: bool = False
    skip_schema_validation: bool = False


@dataclass(frozen=True, slots=True)
class KustomizePlan:
    """`kustomize build` of the folder at `path`, after the edits that the options ask for."""

    path: str
    options: KustomizeSource


@dataclass(frozen=True, slots=True)
class DirectoryPlan:
    """The manifests in the folder at `path`."""

    path: str
    options: DirectorySource


Plan = HelmPlan | KustomizePlan | DirectoryPlan


def type_of(source: ApplicationSource, names: frozenset[str]) -> SourceType:
    """Return the tool: the one that the spec names, else by the files in the folder (argocd.md §1.2).

    Raises:
        Rejected: INVALID_SPEC for more than one; SOURCE_TYPE_UNSUPPORTED for a plugin.
    """
    explicit = _explicit(source)
    if len(explicit) > 1:
        raise Rejected(Reason.INVALID_SPEC, f"multiple application sources defined: {','.join(explicit)}")
    if source.plugin is not None:
        raise Rejected(Reason.SOURCE_TYPE_UNSUPPORTED, "config management plugins are not supported")
    if explicit:
        return SourceType(explicit[0])
    if CHART_NAME in names:
        return SourceType.HELM
    return SourceType.KUSTOMIZE if names & KUSTOMIZATION_NAMES else SourceType.DIRECTORY


def refuse_unsupported(source: ApplicationSource) -> None:
    """Refuse by name what is not rendered yet.

    Raises:
        Rejected: SOURCE_TYPE_UNSUPPORTED, INVALID_SPEC.
    """
    if source.repo_url.startswith("oci://"):
        raise Rejected(Reason.SOURCE_TYPE_UNSUPPORTED, "OCI sources are not supported yet")
    if source.chart:
        raise Rejected(Reason.SOURCE_TYPE_UNSUPPORTED, f"chart {source.chart}: Helm repositories are not supported yet")
    if source.ref:
        raise Rejected(Reason.SOURCE_TYPE_UNSUPPORTED, f"ref {source.ref}: sources by reference are not supported yet")
    if not source.path:
        raise Rejected(
            Reason.INVALID_SPEC,
            "spec.source.repoURL and either spec.source.path, spec.source.chart, or spec.source.ref are required",
        )


def _explicit(source: ApplicationSource) -> list[str]:
    """Return the tools that the spec names; an empty block names none, as with Argo CD."""
    blocks = {"Kustomize": source.kustomize, "Helm": source.helm, "Directory": source.directory}
    named = [name for name, block in blocks.items() if block is not None and block != type(block)()]
    return [*named, "Plugin"] if source.plugin is not None else named
