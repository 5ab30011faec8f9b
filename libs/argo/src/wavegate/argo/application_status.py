"""Argo CD's Application with its status, as Argo CD's own tools read it.

Argo's CRD has a closed status schema and no status subresource: any other field would be pruned (architecture §3).
"""

from __future__ import annotations

from pydantic import Field

from wavegate.argo.application import (
    ApplicationSource,
    ApplicationSpec,
    Destination,
    IgnoreDifference,
    InitiatedBy,
    ManagedNamespaceMetadata,
    Operation,
)
from wavegate.argo.model import Part, Resource, Timestamp


class ComparedTo(Part):
    """What the sync status was computed from."""

    source: ApplicationSource | None = None
    sources: tuple[ApplicationSource, ...] = ()
    destination: Destination
    ignore_differences: tuple[IgnoreDifference, ...] = ()


class SyncStatus(Part):
    """Synced, OutOfSync or Unknown, and against which revision."""

    status: str
    compared_to: ComparedTo | None = None
    revision: str = ""
    revisions: tuple[str, ...] = ()


class HealthStatus(Part):
    """Healthy, Suspended, Progressing, Missing, Degraded or Unknown."""

    status: str = ""
    message: str = ""
    last_transition_time: Timestamp | None = None


class ResourceStatus(Part):
    """One managed object. A hook, or an object that another application owns, has no status."""

    group: str = ""
    version: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    status: str = ""
    health: HealthStatus | None = None
    hook: bool = False
    requires_pruning: bool = False
    requires_deletion_confirmation: bool = False
    sync_wave: int = 0


class ResourceResult(Part):
    """What an operation did to one object."""

    group: str
    version: str
    kind: str
    namespace: str
    name: str
    status: str = ""
    message: str = ""
    hook_type: str = ""
    hook_phase: str = ""
    sync_phase: str = ""
    images: tuple[str, ...] = ()


class SyncResult(Part):
    """What a sync did. `revision` is empty for several sources."""

    resources: tuple[ResourceResult, ...] = ()
    revision: str
    revisions: tuple[str, ...] = ()
    source: ApplicationSource | None = None
    sources: tuple[ApplicationSource, ...] = ()
    managed_namespace_metadata: ManagedNamespaceMetadata | None = None


class OperationState(Part):
    """The running or last operation: Running, Terminating, Failed, Error or Succeeded."""

    operation: Operation
    phase: str
    message: str = ""
    sync_result: SyncResult | None = None
    started_at: Timestamp
    finished_at: Timestamp | None = None
    retry_count: int = 0


class RevisionHistory(Part):
    """One successful deployment; ids count up from 0, the oldest comes first."""

    id: int
    revision: str = ""
    revisions: tuple[str, ...] = ()
    source: ApplicationSource | None = None
    sources: tuple[ApplicationSource, ...] = ()
    deploy_started_at: Timestamp | None = None
    deployed_at: Timestamp
    initiated_by: InitiatedBy | None = None


class ApplicationCondition(Part):
    """Something the user should know of."""

    type: str
    message: str
    last_transition_time: Timestamp | None = None


class ApplicationSummary(Part):
    """What the application runs and shows."""

    images: tuple[str, ...] = ()
    external_urls: tuple[str, ...] = Field(default=(), alias="externalURLs")
    is_app_of_apps: bool = False


class ApplicationStatus(Part):
    """The state of an application."""

    resources: tuple[ResourceStatus, ...] = ()
    sync: SyncStatus | None = None
    health: HealthStatus | None = None
    history: tuple[RevisionHistory, ...] = ()
    conditions: tuple[ApplicationCondition, ...] = ()
    reconciled_at: Timestamp | None = None
    observed_at: Timestamp | None = None
    operation_state: OperationState | None = None
    source_type: str = ""
    source_types: tuple[str, ...] = ()
    summary: ApplicationSummary | None = None
    resource_health_source: str = ""
    controller_namespace: str = ""


class Application(Resource):
    """An application: what it wants, what was asked to be done, how it stands."""

    spec: ApplicationSpec
    operation: Operation | None = None
    status: ApplicationStatus = ApplicationStatus()
