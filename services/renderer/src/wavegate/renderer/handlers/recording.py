"""Hands files of a tree to a tool, and keeps what was asked for outside the source's folder (architecture §8)."""

from collections.abc import Sequence
from typing import Literal

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.renderer.domain.manifests import refuse_pointer
from wavegate.renderer.domain.paths import is_within
from wavegate.renderer.ports import Kind, Look, Tree

FILE_BYTES_LIMIT = 16 << 20
READ_BYTES_LIMIT = 96 << 20
"""All files of one render together."""


def answer(look: Look) -> str:
    """Return what stood at a path, as a read set keeps it: equal texts mean equal content."""
    return f"{look.kind}:{look.oid}" if look.kind else ""


class RecordedFiles:
    """The files of one source's tree, seen from its folder `root`."""

    def __init__(self, tree: Tree, root: str) -> None:
        self._tree = tree
        self._root = root
        self._budget = READ_BYTES_LIMIT
        self.asked: dict[str, str] = {}

    async def read(self, path: str) -> bytes | None:
        """Return a file's content; None where there is no file.

        Raises:
            Rejected: MANIFEST_TOO_LARGE, PATH_OUTSIDE_REPOSITORY; FEATURE_UNSUPPORTED for a pointer into Git LFS.
        """
        look = await self.look(path)
        if look.kind != "file":
            return None
        content = await self._tree.read(path, FILE_BYTES_LIMIT)
        self._budget -= len(content or b"")
        if self._budget < 0:
            raise Rejected(
                Reason.MANIFEST_TOO_LARGE, f"the render reads more than {READ_BYTES_LIMIT >> 20} MiB of files"
            )
        refuse_pointer(path, content or b"")
        return content

    async def list(self, path: str) -> Sequence[tuple[str, bool]] | None:
        """Return the names of a folder, and which are folders, links followed."""
        entries = await self.entries(path)
        if entries is None:
            return None
        return [(name, await self._is_folder(f"{path}/{name}" if path else name, kind)) for name, kind in entries]

    async def stat(self, path: str) -> Literal["file", "dir"] | None:
        """Return what stands at a path."""
        kind = (await self.look(path)).kind
        return "dir" if kind == "folder" else "file" if kind == "file" else None

    async def entries(self, path: str) -> Sequence[tuple[str, Kind]] | None:
        """Return the names of a folder with their kinds, links as links."""
        look = await self.look(path)
        return await self._tree.entries(path) if look.kind == "folder" else None

    async def look(self, path: str) -> Look:
        """Look at a path; what does not lie within the folder, links on the way among it, is kept with its answer."""
        look = await self._tree.look(path)
        if not all(is_within(self._root, one) for one in (path, look.path, *look.links)):
            self.asked[path] = answer(look)
        return look

    async def _is_folder(self, path: str, kind: Kind) -> bool:
        if kind == "link":
            return (await self.look(path)).kind == "folder"
        return kind == "folder"
