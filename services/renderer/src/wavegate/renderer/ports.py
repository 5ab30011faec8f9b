"""What the renderer needs from outside, in its own words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from wavegate.contracts.references import BundleRef, Commit
from wavegate.renderer.domain.helm import Cluster
from wavegate.renderer.domain.plans import HelmPlan, KustomizePlan
from wavegate.renderer.domain.read_sets import Record

JsonObject = dict[str, Any]
Kind = Literal["file", "folder", "link", "submodule"]


@dataclass(frozen=True, slots=True)
class Look:
    """What a path of a tree led to: the path without links, what is there (None: nothing), the links on the way."""

    path: str
    kind: Kind | None
    oid: str = ""
    links: tuple[str, ...] = ()


class Tree(Protocol):
    """The immutable files of one commit. Raises `Rejected` for what leaves the repository, or is too large."""

    async def look(self, path: str) -> Look:
        """Return what stands at a path, links followed."""

    async def entries(self, path: str) -> Sequence[tuple[str, Kind]] | None:
        """Return the names of a folder with their kinds, links as links; None where there is no folder."""

    async def read(self, path: str, limit: int) -> bytes | None:
        """Return a file of at most `limit` bytes; None where there is no file."""


class Repositories(Protocol):
    """Git repositories."""

    async def tree(self, commit: Commit) -> Tree:
        """Return the files of a commit.

        Raises:
            Rejected: The address is not one that may be asked.
            RetryLater: The repository cannot be asked, or does not give the commit (yet).
        """


class Files(Protocol):
    """What a tool reads, as it asks for it."""

    async def read(self, path: str) -> bytes | None:
        """Return a file's content."""

    async def list(self, path: str) -> Sequence[tuple[str, bool]] | None:
        """Return the names of a folder, and which are folders."""

    async def stat(self, path: str) -> Literal["file", "dir"] | None:
        """Return what stands at a path."""


class Tools(Protocol):
    """The programs that understand the languages. They raise `Rejected` with the tool's own text."""

    @property
    def version(self) -> str:
        """Return what tells one build of the tools from another."""

    async def helm(self, plan: HelmPlan, files: Files) -> Sequence[JsonObject]:
        """Render a chart."""

    async def kustomize(self, plan: KustomizePlan, files: Files) -> Sequence[JsonObject]:
        """Build a kustomization."""

    async def parse(self, text: str | bytes) -> Sequence[JsonObject]:
        """Return the objects of a YAML or JSON text."""


class ClusterInfo(Protocol):
    """The cluster that is rendered for."""

    async def capabilities(self) -> Cluster:
        """Return its version and what it serves. Raises `RetryLater`."""


class Bundles(Protocol):
    """Rendered bundles, by digest."""

    async def put(self, content: bytes) -> BundleRef:
        """Store a bundle."""

    async def get(self, reference: BundleRef) -> bytes:
        """Return a bundle. Raises `Rejected` where it is lost or damaged."""


class Cache(Protocol):
    """Outcomes of earlier renders, by plan key, shared by all replicas."""

    async def recall(self, key: str) -> Record:
        """Return what is known under a key."""

    def remember(self, key: str, record: Record) -> None:
        """Keep a record; it is stored in the background, and losing it costs a render."""
