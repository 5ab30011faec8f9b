"""Argo CD's Application (`argoproj.io/v1alpha1`), as far as Wavegate honours or refuses it by name."""

from __future__ import annotations

from pydantic import Field

from wavegate.argo.model import Free, IntOrString, Labels, Part


class NameValue(Part):
    """A name and a text."""

    name: str
    value: str = ""


class HelmParameter(Part):
    """A `--set` or, with `force_string`, a `--set-string`."""

    name: str = ""
    value: str = ""
    force_string: bool = False


class HelmFileParameter(Part):
    """A `--set-file`."""

    name: str = ""
    path: str = ""


class HelmSource(Part):
    """How a chart is rendered; `values_object` takes precedence over `values`."""

    value_files: tuple[str, ...] = ()
    values: str = ""
    values_object: Free | None = None
    parameters: tuple[HelmParameter, ...] = ()
    file_parameters: tuple[HelmFileParameter, ...] = ()
    release_name: str = ""
    version: str = ""
    pass_credentials: bool = False
    ignore_missing_value_files: bool = False
    skip_crds: bool = False
    skip_tests: bool = False
    skip_schema_validation: bool = False
    namespace: str = ""
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()


class KustomizeReplica(Part):
    """The replicas of one named workload."""

    name: str
    count: IntOrString


class KustomizeSelector(Part):
    """Which objects a patch is for; empty fields match all."""

    group: str = ""
    version: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    annotation_selector: str = ""
    label_selector: str = ""


class KustomizePatch(Part):
    """A patch, inline or in a file."""

    path: str = ""
    patch: str = ""
    target: KustomizeSelector | None = None
    options: dict[str, bool] = Field(default_factory=dict)


class KustomizeSource(Part):
    """What is edited into the kustomization before it is built."""

    name_prefix: str = ""
    name_suffix: str = ""
    images: tuple[str, ...] = ()
    replicas: tuple[KustomizeReplica, ...] = ()
    common_labels: Labels = Field(default_factory=dict)
    common_annotations: Labels = Field(default_factory=dict)
    common_annotations_envsubst: bool = False
    force_common_labels: bool = False
    force_common_annotations: bool = False
    label_without_selector: bool = False
    label_include_templates: bool = False
    namespace: str = ""
    patches: tuple[KustomizePatch, ...] = ()
    components: tuple[str, ...] = ()
    ignore_missing_components: bool = False
    version: str = ""
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()


class JsonnetVariable(Part):
    """An external variable or top-level argument; `code` says that the value is Jsonnet, not text."""

    name: str
    value: str
    code: bool = False


class JsonnetSource(Part):
    """How Jsonnet files of a directory are evaluated."""

    ext_vars: tuple[JsonnetVariable, ...] = ()
    tlas: tuple[JsonnetVariable, ...] = ()
    libs: tuple[str, ...] = ()


class DirectorySource(Part):
    """Which files of a plain directory count."""

    recurse: bool = False
    include: str = ""
    exclude: str = ""
    disable_extension_filter: bool = False
    jsonnet: JsonnetSource | None = None


class PluginSource(Part):
    """A config management plugin; modelled so that it can be refused by name."""

    name: str = ""
    env: tuple[NameValue, ...] = ()
    parameters: tuple[Free, ...] = ()


class ApplicationSource(Part):
    """Where manifests come from: a path or a chart of a repository at a revision."""

    repo_url: str = Field(alias="repoURL")
    path: str = ""
    target_revision: str = ""
    chart: str = ""
    ref: str = ""
    name: str = ""
    tag_prefix: str = ""
    helm: HelmSource | None = None
    kustomize: KustomizeSource | None = None
    directory: DirectorySource | None = None
    plugin: PluginSource | None = None


class Destination(Part):
    """Which cluster, by URL or by name and never both, and which namespace for objects that name none."""

    server: str = ""
    name: str = ""
    namespace: str = ""


class Automated(Part):
    """Automated syncing; its presence turns it on unless `enabled` is false."""

    enabled: bool | None = None
    prune: bool = False
    self_heal: bool = False
    allow_empty: bool = False


class Backoff(Part):
    """Waits between attempts: Go durations, bare numbers are seconds."""

    duration: str = ""
    factor: int | None = None
    max_duration: str = ""


class RetryStrategy(Part):
    """How often a failed operation is tried again; a negative limit means for ever."""

    limit: int = 0
    refresh: bool = False
    backoff: Backoff | None = None


class ManagedNamespaceMetadata(Part):
    """Labels and annotations of the namespace that `CreateNamespace=true` makes."""

    labels: Labels = Field(default_factory=dict)
    annotations: Labels = Field(default_factory=dict)


class SyncPolicy(Part):
    """When and how to sync."""

    automated: Automated | None = None
    sync_options: tuple[str, ...] = ()
    retry: RetryStrategy | None = None
    managed_namespace_metadata: ManagedNamespaceMetadata | None = None

    @property
    def automates(self) -> bool:
        """Whether syncs start by themselves."""
        return self.automated is not None and self.automated.enabled is not False


class IgnoreDifference(Part):
    """Fields that do not count as drift; group and kind are globs, an empty name or namespace matches all."""

    group: str = ""
    kind: str
    name: str = ""
    namespace: str = ""
    json_pointers: tuple[str, ...] = ()
    jq_path_expressions: tuple[str, ...] = ()
    managed_fields_managers: tuple[str, ...] = ()


class ApplicationSpec(Part):
    """What an application wants; `sources` wins over `source`."""

    project: str = ""
    source: ApplicationSource | None = None
    sources: tuple[ApplicationSource, ...] = ()
    source_hydrator: Free | None = None
    destination: Destination
    sync_policy: SyncPolicy | None = None
    ignore_differences: tuple[IgnoreDifference, ...] = ()
    info: tuple[NameValue, ...] = ()
    revision_history_limit: int | None = None

    @property
    def effective_sources(self) -> tuple[ApplicationSource, ...]:
        """The sources that count, in order."""
        if self.sources:
            return self.sources
        return (self.source,) if self.source is not None else ()

    @property
    def is_multi_source(self) -> bool:
        """Whether status fields take their plural form."""
        return bool(self.sources)


class SyncStrategyForce(Part):
    """Whether objects that cannot be changed are deleted and made again."""

    force: bool = False


class SyncStrategy(Part):
    """`apply` runs no hooks; `hook`, the default, does."""

    apply: SyncStrategyForce | None = None
    hook: SyncStrategyForce | None = None


class SyncResource(Part):
    """One object of a partial sync."""

    group: str = ""
    kind: str
    name: str
    namespace: str = ""


class SyncOperation(Part):
    """A sync as asked for: without a revision, the spec's."""

    revision: str = ""
    revisions: tuple[str, ...] = ()
    prune: bool = False
    dry_run: bool = False
    sync_strategy: SyncStrategy | None = None
    resources: tuple[SyncResource, ...] = ()
    source: ApplicationSource | None = None
    sources: tuple[ApplicationSource, ...] = ()
    manifests: tuple[str, ...] = ()
    sync_options: tuple[str, ...] = ()
    auto_heal_attempts_count: int = 0


class InitiatedBy(Part):
    """Who started an operation."""

    username: str = ""
    automated: bool = False


class Operation(Part):
    """What was asked to be done; writing it with kubectl starts it."""

    sync: SyncOperation | None = None
    initiated_by: InitiatedBy | None = None
    info: tuple[NameValue, ...] = ()
    retry: RetryStrategy | None = None
