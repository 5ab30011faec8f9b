"""What can be asked of a worker, and what comes back. All values; no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from wavegate.goworker.files import AskedPath

JsonObject = dict[str, Any]
Numbers = Literal["int64", "float64"]


@dataclass(frozen=True, slots=True)
class YamlLimits:
    """Bounds of one YAML text; passing one is `WorkerError("YamlLimit")`.

    Attributes:
        max_bytes: of the whole text.
        max_documents: empty ones not counted.
        max_depth: nesting of one document.
        max_nodes: values in one document that uses aliases, once these are expanded.
    """

    max_bytes: int = 16 << 20
    max_documents: int = 20_000
    max_depth: int = 100
    max_nodes: int = 200_000


@dataclass(frozen=True, slots=True)
class HelmParameter:
    """One `--set` (or `--set-string` when `force_string`). The value's commas must be escaped by the caller."""

    name: str
    value: str
    force_string: bool = False


@dataclass(frozen=True, slots=True)
class HelmFileParameter:
    """One `--set-file`; `path` is relative to the file source's root."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class HelmJob:
    """`helm template --include-crds` of one chart folder.

    Precedence, weakest first, as Helm and Argo CD have it: the chart's own values, `value_files` in order,
    `values`, then `parameters` and `file_parameters`.

    Attributes:
        path: the chart's folder, relative to the file source's root.
        value_files: relative to the file source's root (which may present other repositories under a folder);
            a missing one is an error with Helm's text.
        values: inline values, as YAML text.
        kube_version: such as "1.34"; None is the version that Helm was built for.
        api_versions: added to those that Helm knows, such as "monitoring.coreos.com/v1".
        skip_crds: leave out the `crds/` folder.
        skip_tests: leave out objects that are test hooks.
        limits: of the rendered text.
    """

    path: str
    release_name: str
    namespace: str
    kube_version: str | None = None
    api_versions: tuple[str, ...] = ()
    value_files: tuple[str, ...] = ()
    values: str = ""
    parameters: tuple[HelmParameter, ...] = ()
    file_parameters: tuple[HelmFileParameter, ...] = ()
    skip_crds: bool = False
    skip_tests: bool = False
    skip_schema_validation: bool = False
    limits: YamlLimits = YamlLimits()


@dataclass(frozen=True, slots=True)
class KustomizeReplica:
    """`kustomize edit set replicas name=count`."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class KustomizeTarget:
    """What a patch applies to; an empty field matches everything. Fields as in Kustomize, regular expressions."""

    group: str = ""
    version: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    label_selector: str = ""
    annotation_selector: str = ""


@dataclass(frozen=True, slots=True)
class KustomizePatch:
    """One entry of a kustomization's `patches`: `path` or inline `patch`."""

    path: str = ""
    patch: str = ""
    target: KustomizeTarget | None = None
    options: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KustomizeJob:
    """`kustomize build` of one folder, after the edits that Argo CD makes for its options.

    Attributes:
        path: the kustomization's folder, relative to the file source's root.
        images: as `kustomize edit set image` takes them, such as "nginx=registry/nginx:1.27".
        components: relative to `path`.
        ignore_missing_components: leave out those whose folder does not exist.
        force_common_labels: replace labels that the kustomization already sets; else that is an error.
        label_without_selector: labels go to metadata only.
        label_include_templates: with `label_without_selector`, pod templates too.
        limits: of the built text.
    """

    path: str
    name_prefix: str = ""
    name_suffix: str = ""
    namespace: str = ""
    images: tuple[str, ...] = ()
    replicas: tuple[KustomizeReplica, ...] = ()
    common_labels: Mapping[str, str] = field(default_factory=dict)
    common_annotations: Mapping[str, str] = field(default_factory=dict)
    force_common_labels: bool = False
    force_common_annotations: bool = False
    label_without_selector: bool = False
    label_include_templates: bool = False
    patches: tuple[KustomizePatch, ...] = ()
    components: tuple[str, ...] = ()
    ignore_missing_components: bool = False
    limits: YamlLimits = YamlLimits()


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a render gave.

    Attributes:
        objects: in the order in which the tool printed them; empty documents left out, `List` kinds as they are.
        asked: every path outside the source folder that was looked at, absent ones included, in order, once each.
    """

    objects: tuple[JsonObject, ...]
    asked: tuple[AskedPath, ...]


@dataclass(frozen=True, slots=True)
class Commit:
    """What `repo.GetCommitMetadata(sha)` answers. `date` needs a time zone."""

    message: str
    author: str
    date: datetime
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotificationScope:
    """Everything that a trigger's condition or a message template can see.

    Attributes:
        variables: JSON values by name, such as `app`, `appProject`, `context`, `recipient`, `serviceType`.
        secrets: the variable `secrets`; Go byte slices, which a bare `{{ .secrets.x }}` prints as numbers.
        now: what `time.Now()` answers; with a time zone.
        commits: by full SHA, for `repo.GetCommitMetadata`; any other SHA is an error.
        numbers: what whole numbers become: "int64" as in Argo CD (Kubernetes' own decoding), "float64" as in Argo
            Rollouts. It shows in templates from 1e6 up.
    """

    variables: Mapping[str, Any]
    now: datetime
    secrets: Mapping[str, bytes] = field(default_factory=dict)
    commits: Mapping[str, Commit] = field(default_factory=dict)
    numbers: Numbers = "int64"


@dataclass(frozen=True, slots=True)
class TriggerVerdict:
    """What one trigger condition gave.

    Attributes:
        triggered: the condition is the boolean true.
        once_per: `oncePer` as Go's `%v` prints it ("<nil>" for nothing there); "" when not triggered or not given.
        error: why the condition could not be run, else "". As with Argo, that counts as not triggered.
    """

    triggered: bool
    once_per: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class FloatResult:
    """A metric's single number; may be NaN or infinite."""

    value: float


@dataclass(frozen=True, slots=True)
class FloatListResult:
    """A metric's list of numbers, `[]float64` to the expression; may be empty and hold NaN."""

    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class JsonResult:
    """A metric that answered with JSON, text (a str), or nothing (None); numbers are float64, lists `[]any`."""

    value: Any


MetricResult = FloatResult | FloatListResult | JsonResult
