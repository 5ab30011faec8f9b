"""Argo CD's AppProject: what its applications may use and where they may go."""

from __future__ import annotations

from pydantic import Field

from wavegate.argo.model import Free, Part, Resource


class ProjectDestination(Part):
    """A cluster and a namespace, as globs; `!` in front negates."""

    server: str = ""
    name: str = ""
    namespace: str = ""


class GroupKindRule(Part):
    """A kind, as globs, and for cluster-scoped kinds possibly a name."""

    group: str
    kind: str
    name: str = ""


class SyncWindow(Part):
    """A time in which syncs are allowed or denied: five-field cron, Go duration."""

    kind: str = ""
    schedule: str = ""
    duration: str = ""
    applications: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    manual_sync: bool = False
    time_zone: str = ""
    use_and_operator: bool = Field(default=False, alias="andOperator")
    sync_overrun: bool = False
    description: str = ""


class ProjectRole(Part):
    """A role of the project's own."""

    name: str
    description: str = ""
    policies: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    jwt_tokens: tuple[Free, ...] = ()


class OrphanKey(Part):
    """Orphaned objects that do not matter."""

    group: str = ""
    kind: str = ""
    name: str = ""


class OrphanedResources(Part):
    """Whether objects in a destination namespace that nobody manages are told of."""

    warn: bool | None = None
    ignore: tuple[OrphanKey, ...] = ()


class SignatureKey(Part):
    """A GnuPG key that must have signed a revision."""

    key_id: str = Field(alias="keyID")


class DestinationServiceAccount(Part):
    """The service account that syncs to a destination act as."""

    server: str
    namespace: str = ""
    default_service_account: str


class AppProjectSpec(Part):
    """The project's rules. A missing namespaced whitelist allows all kinds, an empty one none (argocd.md §2.10)."""

    description: str = ""
    source_repos: tuple[str, ...] = ()
    destinations: tuple[ProjectDestination, ...] = ()
    source_namespaces: tuple[str, ...] = ()
    cluster_resource_whitelist: tuple[GroupKindRule, ...] = ()
    cluster_resource_blacklist: tuple[GroupKindRule, ...] = ()
    namespace_resource_whitelist: tuple[GroupKindRule, ...] | None = None
    namespace_resource_blacklist: tuple[GroupKindRule, ...] = ()
    roles: tuple[ProjectRole, ...] = ()
    sync_windows: tuple[SyncWindow, ...] = ()
    signature_keys: tuple[SignatureKey, ...] = ()
    source_integrity: Free | None = None
    destination_service_accounts: tuple[DestinationServiceAccount, ...] = ()
    orphaned_resources: OrphanedResources | None = None
    permit_only_project_scoped_clusters: bool = False


class AppProject(Resource):
    """A project."""

    spec: AppProjectSpec
    status: Free = Field(default_factory=dict)
