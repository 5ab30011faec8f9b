"""An Application as the syncer reads it: the parts of spec, metadata and status that decisions rest on.

What users write is read tolerantly: a part of the wrong type counts as absent, and `admission` says what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wavegate.contracts import specs
from wavegate.contracts.identity import digest
from wavegate.contracts.references import ObjectRef
from wavegate.manifests.identity import JsonObject, annotations_of, metadata_of, tracking_name
from wavegate.manifests.project import DEFAULT_PROJECT, IN_CLUSTER_NAME, IN_CLUSTER_SERVER, Destination
from wavegate.syncer.domain.policies import RetryPolicy, SyncPolicy

REFRESH_ANNOTATION = "argocd.argoproj.io/refresh"
SKIP_RECONCILE_ANNOTATION = "argocd.argoproj.io/skip-reconcile"
HISTORY_LIMIT = 10


@dataclass(frozen=True)
class Application:
    """One Application. `control_namespace` is where applications live whose tracking name is their bare name."""

    manifest: JsonObject
    control_namespace: str = "argocd"

    @property
    def namespace(self) -> str:
        """The application's own namespace."""
        return str(metadata_of(self.manifest).get("namespace") or "")

    @property
    def name(self) -> str:
        """The application's name."""
        return str(metadata_of(self.manifest).get("name") or "")

    @property
    def uid(self) -> str:
        """Which application of that name this is."""
        return str(metadata_of(self.manifest).get("uid") or "")

    @property
    def version(self) -> str:
        """The object's resourceVersion."""
        return str(metadata_of(self.manifest).get("resourceVersion") or "")

    @property
    def ref(self) -> ObjectRef:
        """How events name the application."""
        return ObjectRef(namespace=self.namespace, name=self.name, uid=self.uid)

    @property
    def tracking_name(self) -> str:
        """How the application's objects name it."""
        return tracking_name(self.namespace, self.name, self.control_namespace)

    @property
    def is_deleted(self) -> bool:
        """Whether somebody deleted the application and finalizers hold it."""
        return bool(metadata_of(self.manifest).get("deletionTimestamp"))

    @cached_property
    def spec(self) -> Mapping[str, Any]:
        """The spec, empty when malformed."""
        return mapping(self.manifest.get("spec"))

    @cached_property
    def status(self) -> Mapping[str, Any]:
        """The status as last written."""
        return mapping(self.manifest.get("status"))

    @property
    def project(self) -> str:
        """The project's name; empty means `default`."""
        return str(self.spec.get("project") or DEFAULT_PROJECT)

    @cached_property
    def sources(self) -> tuple[dict[str, Any], ...]:
        """The sources, as given."""
        return tuple(source for source in specs.sources(dict(self.spec)) if isinstance(source, dict))

    @property
    def is_multi_source(self) -> bool:
        """Whether `sources` is used."""
        return bool(self.spec.get("sources"))

    @cached_property
    def destination(self) -> Destination:
        """Where objects go; a name or server that is not the cluster's own is left for `admission` to refuse."""
        given = mapping(self.spec.get("destination"))
        name, server = str(given.get("name") or ""), str(given.get("server") or "")
        namespace = str(given.get("namespace") or "")
        if name and not server:
            return Destination(IN_CLUSTER_SERVER if name == IN_CLUSTER_NAME else "", name, namespace, named=True)
        return Destination(server, IN_CLUSTER_NAME if server == IN_CLUSTER_SERVER else name, namespace)

    @cached_property
    def spec_digest(self) -> str:
        """The digest of what a render depends on."""
        return specs.render_digest(dict(self.spec))

    @cached_property
    def policy(self) -> SyncPolicy:
        """How and when to sync."""
        return SyncPolicy.of(mapping(self.spec.get("syncPolicy")))

    @property
    def history_limit(self) -> int:
        """How many history entries are kept; 0 for none."""
        limit = self.spec.get("revisionHistoryLimit")
        return limit if isinstance(limit, int) and limit >= 0 else HISTORY_LIMIT

    @property
    def refresh(self) -> str:
        """`normal` or `hard` when a refresh was asked for."""
        return str(annotations_of(self.manifest).get(REFRESH_ANNOTATION) or "")

    @property
    def is_skipped(self) -> bool:
        """Whether reconciling is paused by annotation."""
        return annotations_of(self.manifest).get(SKIP_RECONCILE_ANNOTATION) == "true"

    @cached_property
    def operation(self) -> Mapping[str, Any]:
        """The sync that somebody asks for, empty when nobody does."""
        return mapping(self.manifest.get("operation"))

    @property
    def operation_digest(self) -> str:
        """What tells one request from another, empty when there is none."""
        return digest(dict(self.operation)) if self.operation else ""

    @property
    def operation_retry(self) -> RetryPolicy | None:
        """The retry block of the requested sync."""
        block = self.operation.get("retry")
        return RetryPolicy.of(block) if isinstance(block, Mapping) else None


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a map, empty for anything else."""
    return value if isinstance(value, Mapping) else {}
