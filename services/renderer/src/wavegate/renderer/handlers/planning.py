"""From a pinned source to its plan: what the spec, the overrides beside the manifests and the folder itself say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wavegate.argo.application import ApplicationSource, DirectorySource, HelmSource, KustomizeSource
from wavegate.argo.model import MalformedResource
from wavegate.contracts.commands import PinnedSource, RenderApplication
from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.renderer.domain import helm, kustomize, overrides, paths, plans
from wavegate.renderer.domain.build_environment import variables
from wavegate.renderer.domain.helm import Release
from wavegate.renderer.domain.plans import DirectoryPlan, Plan, SourceType
from wavegate.renderer.domain.read_sets import Planned
from wavegate.renderer.handlers.recording import RecordedFiles
from wavegate.renderer.ports import ClusterInfo, Repositories, Tools, Tree


@dataclass(frozen=True, slots=True)
class SourceWork:
    """A source ready to be rendered: its tree, its plan, and the files as its tool will see them."""

    tree: Tree
    planned: Planned
    type: SourceType
    files: RecordedFiles


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans sources."""

    repositories: Repositories
    tools: Tools
    cluster: ClusterInfo

    async def plan(self, command: RenderApplication, pinned: PinnedSource) -> SourceWork:
        """Fetch the commit and plan its source.

        Raises:
            Rejected: The source cannot be rendered: what is named, missing, outside or not supported.
            RetryLater: Repository or cluster cannot be asked.
        """
        given = _source(pinned.spec)
        plans.refuse_unsupported(given)
        path = paths.source_path(given.path)
        tree = await self.repositories.tree(pinned.commit)
        files = RecordedFiles(tree, path)
        folder, names = await self._folder(files, given.path, path)
        source = await self._overridden(command, pinned.spec, files, path, names)
        kind = plans.type_of(source, names)
        plan = await self._plan(command, pinned, source, kind, path)
        return SourceWork(tree, Planned(plan, folder), kind, files)

    async def _folder(self, files: RecordedFiles, given: str, path: str) -> tuple[str, frozenset[str]]:
        """Return the id of the source's folder and the names in it; failures in Argo CD's words."""
        look = await files.look(path)
        if look.kind is None:
            raise Rejected(Reason.PATH_MISSING, f"{given}: app path does not exist")
        if look.kind != "folder":
            raise Rejected(Reason.PATH_MISSING, f"{given}: app path is not a directory")
        return look.oid, frozenset(name for name, _ in await files.entries(path) or ())

    async def _overridden(
        self,
        command: RenderApplication,
        spec: Mapping[str, Any],
        files: RecordedFiles,
        path: str,
        names: frozenset[str],
    ) -> ApplicationSource:
        merged = dict(spec)
        for name in overrides.names(command.object.name):
            if name not in names:
                continue
            content = await files.read(f"{path}/{name}" if path else name)
            patches = await self.tools.parse(content or b"")
            for patch in patches[:1]:
                merged = overrides.merged(merged, patch)
        return _source(merged)

    async def _plan(
        self,
        command: RenderApplication,
        pinned: PinnedSource,
        source: ApplicationSource,
        kind: SourceType,
        path: str,
    ) -> Plan:
        environment = variables(command, pinned)
        if kind is SourceType.HELM:
            release = Release(command.object.name, command.destination_namespace)
            cluster = await self.cluster.capabilities()
            return helm.plan(path, source.helm or HelmSource(), release, cluster, environment)
        if kind is SourceType.KUSTOMIZE:
            return kustomize.plan(path, source.kustomize or KustomizeSource(), environment)
        return DirectoryPlan(path, source.directory or DirectorySource())


def _source(spec: Mapping[str, Any]) -> ApplicationSource:
    try:
        return ApplicationSource.read(dict(spec), "spec.source")
    except MalformedResource as error:
        raise Rejected(Reason.INVALID_SPEC, str(error)) from error
