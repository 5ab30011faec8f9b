"""Commits from the renderer's own bare mirrors."""

from collections.abc import Sequence

from wavegate.contracts.references import Commit
from wavegate.git import EntryKind, Mirrors
from wavegate.git import Tree as GitTree
from wavegate.git.address import parse
from wavegate.renderer.ports import Kind, Look

_KINDS: dict[EntryKind, Kind] = {
    EntryKind.FILE: "file",
    EntryKind.FOLDER: "folder",
    EntryKind.LINK: "link",
    EntryKind.SUBMODULE: "submodule",
}


class MirroredTree:
    """The files of one commit in a mirror."""

    def __init__(self, tree: GitTree) -> None:
        self._tree = tree

    async def look(self, path: str) -> Look:
        """Return what stands at a path."""
        found = await self._tree.look(path)
        if found.entry is None:
            return Look(found.path, None, links=found.links)
        return Look(found.path, _KINDS[found.entry.kind], found.entry.oid, found.links)

    async def entries(self, path: str) -> Sequence[tuple[str, Kind]] | None:
        """Return the names of a folder with their kinds."""
        entries = await self._tree.entries(path)
        return None if entries is None else [(entry.name, _KINDS[entry.kind]) for entry in entries]

    async def read(self, path: str, limit: int) -> bytes | None:
        """Return a file."""
        return await self._tree.read(path, limit)


class MirroredRepositories:
    """Fetches commits into mirrors."""

    def __init__(self, mirrors: Mirrors, *, allow_http: bool) -> None:
        self._mirrors = mirrors
        self._allow_http = allow_http

    async def tree(self, commit: Commit) -> MirroredTree:
        """Return the files of a commit."""
        address = parse(commit.repository, allow_http=self._allow_http)
        return MirroredTree(await self._mirrors.of(address).tree(commit.sha, commit.ref))
