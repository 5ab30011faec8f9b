"""Repositories, tools, bundles and cache in memory: the renderer's ports for tests."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import yaml

from wavegate.contracts.commands import PinnedSource, RenderApplication
from wavegate.contracts.failures import Failure, Rejected
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Hint
from wavegate.contracts.references import Commit, ObjectRef
from wavegate.renderer.domain.helm import Cluster
from wavegate.renderer.domain.objects import Limits
from wavegate.renderer.domain.plans import HelmPlan, KustomizePlan
from wavegate.renderer.domain.read_sets import Record
from wavegate.renderer.handlers.planning import Planner
from wavegate.renderer.handlers.rendering import Rendering
from wavegate.renderer.handlers.requests import RenderReconciler
from wavegate.renderer.handlers.running import Runner
from wavegate.renderer.ports import Files, JsonObject, Kind, Look
from wavegate.runtime.memory import MemoryBundleStore

URL = "https://git.example.com/team/models.git"
T0 = datetime(2026, 1, 1, tzinfo=UTC)


class Link(str):
    """The target of a symbolic link."""

    __slots__ = ()


def manifest(name: str, kind: str = "ConfigMap", **more: Any) -> str:
    return json.dumps({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, **more})


def sha(number: int) -> str:
    return f"{number:040x}"


class MemoryTree:
    """A tree of files by path; links are `Link` values."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = files
        self.reads: list[str] = []

    async def look(self, path: str) -> Look:
        links: list[str] = []
        here = path
        while True:
            parts = here.split("/") if here else []
            prefixes = ["/".join(parts[: n + 1]) for n in range(len(parts))]
            link = next((prefix for prefix in prefixes if isinstance(self.files.get(prefix), Link)), None)
            if link is None:
                kind = self._kind(here)
                return Look(here, kind, self._oid(here) if kind else "", tuple(links))
            links.append(link)
            if len(links) > 40:
                raise Rejected(Reason.PATH_OUTSIDE_REPOSITORY, "too many links")
            here = self._resolved(link, self.files[link]) + here[len(link) :]

    def _resolved(self, link: str, target: str) -> str:
        way = link.split("/")[:-1]
        for part in target.split("/"):
            if target.startswith("/") or (part == ".." and not way):
                raise Rejected(Reason.PATH_OUTSIDE_REPOSITORY, f"{link} leads outside the repository")
            way = way[:-1] if part == ".." else [*way, part] if part not in ("", ".") else way
        return "/".join(way)

    async def entries(self, path: str) -> Sequence[tuple[str, Kind]] | None:
        here = (await self.look(path)).path
        if self._kind(here) != "folder":
            return None
        prefix = f"{here}/" if here else ""
        names = {name[len(prefix) :].split("/")[0] for name in self.files if name.startswith(prefix)}
        return [(name, self._raw(prefix + name)) for name in sorted(names)]

    async def read(self, path: str, limit: int) -> bytes | None:
        here = (await self.look(path)).path
        self.reads.append(path)
        if self._kind(here) != "file":
            return None
        if len(self.files[here]) > limit:
            raise Rejected(Reason.MANIFEST_TOO_LARGE, f"{path} is larger than {limit} bytes")
        return self.files[here].encode()

    def _raw(self, path: str) -> Kind:
        return "link" if isinstance(self.files.get(path), Link) else self._kind(path) or "file"

    def _kind(self, path: str) -> Kind | None:
        if path in self.files:
            return "file"
        return "folder" if not path or any(name.startswith(f"{path}/") for name in self.files) else None

    def _oid(self, path: str) -> str:
        below = {name: text for name, text in self.files.items() if not path or f"{name}/".startswith(f"{path}/")}
        inside = sorted((name[len(path) :], text) for name, text in below.items())
        return hashlib.sha256(repr(inside).encode()).hexdigest()[:40]


class World:
    """Commits by SHA, tools that print what they are told, everything counted."""

    version = "worker-1"

    def __init__(self, files: dict[str, str] | None = None, limits: Limits | None = None) -> None:
        self.commits = {sha(1): files or {}}
        self.store = MemoryBundleStore()
        self.records: dict[str, Record] = {}
        self.trouble: Failure | None = None
        self.refusal: Rejected | None = None
        self.ran: list[HelmPlan | KustomizePlan] = []
        self.parsed = 0
        self.touch: tuple[str, ...] = ()
        self.cluster = Cluster("v1.36.0", ("v1", "apps/v1"))
        planner = Planner(self, self, self)
        self.rendering = Rendering(planner, Runner(self, limits or Limits()), self.store, self, limits or Limits())
        self.reconciler = RenderReconciler(self.rendering)

    async def tree(self, commit: Commit) -> MemoryTree:
        if self.trouble is not None:
            raise self.trouble
        return MemoryTree(self.commits[commit.sha])

    async def capabilities(self) -> Cluster:
        return self.cluster

    async def helm(self, plan: HelmPlan, files: Files) -> Sequence[JsonObject]:
        return await self._tool(plan, files)

    async def kustomize(self, plan: KustomizePlan, files: Files) -> Sequence[JsonObject]:
        return await self._tool(plan, files)

    async def _tool(self, plan: HelmPlan | KustomizePlan, files: Files) -> Sequence[JsonObject]:
        self.ran.append(plan)
        found = [(path, await files.read(path)) for path in self.touch]
        if self.refusal is not None:
            raise self.refusal
        text = json.dumps([[path, (content or b"").decode()] for path, content in found])
        return [json.loads(manifest("made", data={"read": text}))]

    async def parse(self, text: str | bytes) -> Sequence[JsonObject]:
        self.parsed += 1
        try:
            documents = [one for one in yaml.safe_load_all(text) if one is not None]
        except yaml.YAMLError as error:
            raise Rejected(Reason.INVALID_MANIFEST, f"yaml: {type(error).__name__}") from error
        for one in documents:
            if not isinstance(one, dict):
                raise Rejected(Reason.INVALID_MANIFEST, "must be an object")
        return documents

    async def recall(self, key: str) -> Record:
        return self.records.get(key, Record())

    def remember(self, key: str, record: Record) -> None:
        self.records[key] = record

    def objects(self, digest: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.store.records[digest])["objects"]
        return found


def command(number: int = 1, seq: int | None = None, **source: Any) -> RenderApplication:
    reason = source.pop("reason", "push")
    spec = {"repoURL": URL, "path": "app", "targetRevision": "main", **source}
    commit = Commit(repository=URL, ref="main", seq=seq or number, sha=sha(number))
    return RenderApplication(
        object=ObjectRef(namespace="argocd", name="fraud", uid="u1"),
        commits=(commit,),
        project="default",
        sources=(PinnedSource(spec=spec, commit=commit),),
        spec_digest="d",
        destination_namespace="prod",
        reason=reason,
    )


def hint(id_: str, message: RenderApplication) -> Hint:
    return Hint(id_, message, f"00-{'a' * 32}-{'b' * 16}-01", T0)
