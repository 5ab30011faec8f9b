"""Runs plans: each tool over the files of its source."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.renderer.domain import manifests
from wavegate.renderer.domain.objects import Limits
from wavegate.renderer.domain.plans import DirectoryPlan, HelmPlan, KustomizePlan
from wavegate.renderer.handlers.planning import SourceWork
from wavegate.renderer.handlers.recording import RecordedFiles
from wavegate.renderer.ports import JsonObject, Tools

FOLDERS_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs one source's plan."""

    tools: Tools
    limits: Limits

    async def run(self, work: SourceWork) -> Sequence[JsonObject]:
        """Return what the source renders to, as the tool printed it.

        Raises:
            Rejected: With the tool's own text.
        """
        match work.planned.plan:
            case HelmPlan() as plan:
                return await self.tools.helm(await self._with_present_values(plan, work.files), work.files)
            case KustomizePlan() as plan:
                return await self.tools.kustomize(plan, work.files)
            case DirectoryPlan() as plan:
                return await self._directory(plan, work.files)

    async def _with_present_values(self, plan: HelmPlan, files: RecordedFiles) -> HelmPlan:
        if not plan.ignore_missing_value_files:
            return plan
        present = [name for name in plan.value_files if await files.stat(name) == "file"]
        return replace(plan, value_files=tuple(present))

    async def _directory(self, plan: DirectoryPlan, files: RecordedFiles) -> Sequence[JsonObject]:
        objects: list[JsonObject] = []
        left = self.limits.directory_bytes
        async for relative in self._candidates(plan, files, ""):
            content = await files.read(_joined(plan.path, relative))
            if content is None or manifests.is_skipped(content):
                continue
            left -= len(content)
            if left < 0:
                text = f"the manifests of the folder have more than {self.limits.directory_bytes} bytes together"
                raise Rejected(Reason.MANIFEST_TOO_LARGE, text)
            objects += await self._file(relative, content)
        return objects

    async def _candidates(self, plan: DirectoryPlan, files: RecordedFiles, folder: str) -> AsyncIterator[str]:
        """Walk the folder in the order of its names, as Argo CD does."""
        waiting = [folder]
        walked = 0
        while waiting:
            here = waiting.pop()
            entries = await files.entries(_joined(plan.path, here)) if _is_folder(here, folder) else None
            if entries is None:
                yield here.rstrip("/")
                continue
            walked += 1
            if walked > FOLDERS_LIMIT:
                raise Rejected(Reason.TOO_MANY_OBJECTS, f"more than {FOLDERS_LIMIT} folders")
            for name, kind in sorted(entries, reverse=True):
                relative = f"{here.rstrip('/')}/{name}".lstrip("/")
                if kind in ("folder", "submodule"):
                    waiting += [f"{relative}/"] if plan.options.recurse else []
                elif manifests.is_candidate(relative, plan.options):
                    manifests.refuse_jsonnet(relative)
                    waiting.append(relative)

    async def _file(self, relative: str, content: bytes) -> Sequence[JsonObject]:
        """Return the objects of a file. One that cannot be read counts as a failure only if it was meant to be a manifest."""
        name = relative.rpartition("/")[2]
        try:
            objects = await self.tools.parse(content)
        except Rejected as problem:
            if problem.reason is not Reason.INVALID_MANIFEST:
                raise Rejected(problem.reason, f"{relative}: {problem.message}") from problem
            if manifests.looks_like_manifest(content) or await self._begins_well(content):
                raise manifests.unreadable(name, problem.message) from problem
            return ()
        stranger = manifests.kindless(objects)
        if stranger is None:
            if name.endswith(".json") and len(objects) != 1:
                raise manifests.unreadable(name, f"a JSON file holds one object, not {len(objects)}")
            return objects
        if stranger > 0 or manifests.looks_like_manifest(content):
            raise manifests.unreadable(name, "Object 'Kind' is missing")
        return ()

    async def _begins_well(self, content: bytes) -> bool:
        """Return whether a file that breaks off somewhere holds a good object before that."""
        for document in manifests.documents(content):
            try:
                objects = await self.tools.parse(document)
            except Rejected:
                return False
            if objects:
                return manifests.kindless(objects) is None
        return False


def _joined(base: str, relative: str) -> str:
    return "/".join(part for part in (base, relative.rstrip("/")) if part)


def _is_folder(here: str, start: str) -> bool:
    return here == start or here.endswith("/")
