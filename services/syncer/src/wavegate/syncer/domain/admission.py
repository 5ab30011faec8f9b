"""Whether an application may be synced at all: its spec, its project, its destination (argocd.md §2.10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wavegate.contracts.commands import SOURCES_LIMIT, is_too_large
from wavegate.contracts.identity import holds_password, plain_address
from wavegate.contracts.reasons import Reason
from wavegate.manifests.project import IN_CLUSTER_NAME, IN_CLUSTER_SERVER
from wavegate.syncer.domain.applications import mapping
from wavegate.syncer.domain.looking import Observed
from wavegate.syncer.domain.options import unsupported

INVALID_SPEC = "InvalidSpecError"
_TOOL_VERSIONS: Mapping[str, tuple[str, ...]] = {"helm": ("v3",), "kustomize": ()}
"""What `version` may say of a tool. Argo CD's `v3` means its own Helm; a version of Kustomize has to be installed first."""
_NOT_YET = ("jqPathExpressions", "managedFieldsManagers", "jsonPointers")


@dataclass(frozen=True, slots=True)
class Objection:
    """One thing that is wrong: a condition of the Application, and a reason for events."""

    reason: Reason
    message: str
    condition: str = INVALID_SPEC


def objections(seen: Observed) -> tuple[Objection, ...]:
    """Return everything that keeps the application from being synced; empty when nothing does."""
    return (*_of_sources(seen), *_of_destination(seen), *_of_policy(seen), *_of_project(seen))


def _of_sources(seen: Observed) -> Iterator[Objection]:
    if not seen.application.sources:
        yield _missing_source()
    if is_too_large(seen.application.sources):
        yield Objection(Reason.INVALID_SPEC, f"the application's sources have more than {SOURCES_LIMIT} bytes")
    for source in seen.application.sources:
        if not source.get("repoURL") or not (source.get("path") or source.get("chart") or source.get("ref")):
            yield _missing_source()
        elif source.get("chart") and not source.get("targetRevision"):
            message = "spec.source.targetRevision is required if the manifest source is a helm chart"
            yield Objection(Reason.INVALID_SPEC, message)
        if holds_password(str(source.get("repoURL") or "")):
            yield Objection(Reason.INVALID_SPEC, "a repository address must not hold a password or token")
        yield from _of_source(source)


def _of_source(source: Mapping[str, Any]) -> Iterator[Objection]:
    """Options that mean another revision, or another tool than the one that is there."""
    if source.get("tagPrefix"):
        yield _not_yet("spec.source.tagPrefix")
    for tool, known in _TOOL_VERSIONS.items():
        version = mapping(source.get(tool)).get("version")
        if version and version not in known:
            yield _not_yet(f"spec.source.{tool}.version {version}")


def _missing_source() -> Objection:
    message = "spec.source.repoURL and either spec.source.path or spec.source.chart are required"
    return Objection(Reason.INVALID_SPEC, message)


def _of_destination(seen: Observed) -> Iterator[Objection]:
    given = mapping(seen.application.spec.get("destination"))
    name, server = str(given.get("name") or ""), str(given.get("server") or "")
    if name and server:
        message = f"application destination can't have both name and server defined: {name} {server}"
        yield Objection(Reason.INVALID_SPEC, message)
    elif name and name != IN_CLUSTER_NAME:
        yield Objection(Reason.DESTINATION_UNKNOWN, f"there are no clusters with this name: {name}")
    elif server and server != IN_CLUSTER_SERVER:
        yield Objection(Reason.DESTINATION_UNKNOWN, f"there are no clusters with this server: {server}")
    elif not name and not server:
        yield Objection(Reason.INVALID_SPEC, "Destination server missing from app spec")


def _of_policy(seen: Observed) -> Iterator[Objection]:
    for option in unsupported(seen.application.policy.options):
        yield _not_yet(f"sync option {option}")
    if mapping(seen.application.spec.get("syncPolicy")).get("managedNamespaceMetadata"):
        yield _not_yet("spec.syncPolicy.managedNamespaceMetadata")
    if seen.application.spec.get("sourceHydrator"):
        yield _not_yet("spec.sourceHydrator")
    for index, rule in enumerate(seen.application.spec.get("ignoreDifferences") or ()):
        yield from _of_ignored(index, mapping(rule))


def _of_ignored(index: int, rule: Mapping[str, Any]) -> Iterator[Objection]:
    for part in _NOT_YET:
        if rule.get(part):
            yield _not_yet(f"spec.ignoreDifferences[{index}].{part}")


def _not_yet(what: str) -> Objection:
    return Objection(Reason.FEATURE_UNSUPPORTED, f"{what} is not supported yet")


def _of_project(seen: Observed) -> Iterator[Objection]:
    application, project = seen.application, seen.project
    if project is None:
        message = f"Application referencing project {application.project} which does not exist"
        yield Objection(Reason.PROJECT_MISSING, message)
        return
    for part in project.unsupported:
        yield _not_yet(f"AppProject {project.name}: spec.{part}")
    control = application.control_namespace
    if refusal := project.namespace_refusal(application.name, application.namespace, control):
        yield Objection(Reason.DESTINATION_NOT_PERMITTED, refusal)
    for source in application.sources:
        url = str(source.get("repoURL") or "")
        if refusal := project.repository_refusal(url):
            yield Objection(Reason.REPOSITORY_NOT_PERMITTED, refusal.replace(url, plain_address(url)))
    if refusal := project.destination_refusal(application.destination):
        yield Objection(Reason.DESTINATION_NOT_PERMITTED, refusal)
