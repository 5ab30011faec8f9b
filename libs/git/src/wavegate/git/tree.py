"""A commit's files, read straight from the object database: immutable, and nothing is ever checked out.

Symbolic links are followed inside the tree only; there is no file system whose links, races or device files could lead
elsewhere (row S02 of the security table; CVE-2022-24904).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from wavegate.contracts.failures import Rejected, RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.git.objects import ObjectMissing, ObjectReader, ObjectTooLarge

LINKS_LIMIT = 40
LINK_BYTES_LIMIT = 4096
DEPTH_LIMIT = 256

_TYPE, _FOLDER, _LINK, _SUBMODULE = 0o170000, 0o040000, 0o120000, 0o160000


class EntryKind(StrEnum):
    """What stands at a path."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    SUBMODULE = "submodule"


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of a tree. `oid` is the id of what stands there: equal ids mean equal content, at any depth."""

    name: str
    kind: EntryKind
    oid: str


@dataclass(frozen=True, slots=True)
class Found:
    """Where a path led: `path` without links, what stands there (None: nothing), and each link that was followed."""

    path: str
    entry: Entry | None
    links: tuple[str, ...] = ()


class Tree:
    """The files of one commit. Paths are relative to the root, `/`-separated; the root is the empty string."""

    def __init__(self, reader: ObjectReader, root: str) -> None:
        self._reader = reader
        self.root = root

    async def look(self, path: str) -> Found:
        """Return what stands at a path and how the way went.

        Raises:
            Rejected: PATH_OUTSIDE_REPOSITORY; SOURCE_TYPE_UNSUPPORTED where the way leads into a submodule.
        """
        return await self._walk(path)

    async def entry(self, path: str) -> Entry | None:
        """Return what stands at a path, links followed; None where nothing does. Raises as `look` does."""
        return (await self._walk(path)).entry

    async def entries(self, path: str) -> Sequence[Entry] | None:
        """Return the entries of a folder, links as links; None where there is no folder. Raises as `entry` does."""
        entry = await self.entry(path)
        if entry is None or entry.kind is not EntryKind.FOLDER:
            return None
        return [_entry(mode, name, oid) for mode, name, oid in await self._content(entry.oid)]

    async def read(self, path: str, limit: int) -> bytes | None:
        """Return a file's content, None where there is no file.

        Raises:
            Rejected: MANIFEST_TOO_LARGE past `limit` bytes; else as `entry` does.
        """
        entry = await self.entry(path)
        if entry is None or entry.kind is not EntryKind.FILE:
            return None
        try:
            return await self._reader.blob(entry.oid, limit)
        except ObjectTooLarge as error:
            raise Rejected(Reason.MANIFEST_TOO_LARGE, f"{path} is larger than {limit} bytes ({error})") from error
        except ObjectMissing as error:
            raise _incomplete(error) from error

    async def _walk(self, path: str) -> Found:
        """Go down `path` one name at a time."""
        waiting = _parts(path)[::-1]
        links: list[str] = []
        way: list[Entry] = [Entry("", EntryKind.FOLDER, self.root)]
        while waiting:
            name = waiting.pop()
            if name == "..":
                if len(way) == 1:
                    raise _outside(path)
                way.pop()
                continue
            found = await self._child(way[-1], name, path)
            if found is None:
                return Found("/".join([*(e.name for e in way[1:]), name, *reversed(waiting)]), None, tuple(links))
            if found.kind is not EntryKind.LINK:
                way.append(found)
                continue
            links.append("/".join([*(e.name for e in way[1:]), name]))
            if len(links) > LINKS_LIMIT:
                raise Rejected(
                    Reason.PATH_OUTSIDE_REPOSITORY, f"{path}: more than {LINKS_LIMIT} symbolic links on the way"
                )
            waiting.extend(reversed(await self._target(found, path)))
        return Found("/".join(e.name for e in way[1:]), way[-1], tuple(links))

    async def _child(self, parent: Entry, name: str, path: str) -> Entry | None:
        if parent.kind is EntryKind.SUBMODULE:
            raise Rejected(Reason.SOURCE_TYPE_UNSUPPORTED, f"{path} lies in a submodule; submodules are not fetched")
        if parent.kind is not EntryKind.FOLDER:
            return None
        for mode, known, oid in await self._content(parent.oid):
            if known == name:
                return _entry(mode, known, oid)
        return None

    async def _target(self, link: Entry, path: str) -> list[str]:
        try:
            target = (await self._reader.blob(link.oid, LINK_BYTES_LIMIT)).decode("utf-8", "replace")
        except ObjectTooLarge as error:
            raise _outside(path) from error
        except ObjectMissing as error:
            raise _incomplete(error) from error
        if target.startswith("/"):
            raise _outside(path)
        return [part for part in target.split("/") if part not in ("", ".")]

    async def _content(self, oid: str) -> Sequence[tuple[int, str, str]]:
        try:
            return await self._reader.tree(oid)
        except (ObjectMissing, ObjectTooLarge) as error:
            raise _incomplete(error) from error


def _entry(mode: int, name: str, oid: str) -> Entry:
    kinds = {_FOLDER: EntryKind.FOLDER, _LINK: EntryKind.LINK, _SUBMODULE: EntryKind.SUBMODULE}
    return Entry(name, kinds.get(mode & _TYPE, EntryKind.FILE), oid)


def _parts(path: str) -> list[str]:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or "\0" in path or ".." in parts or len(parts) > DEPTH_LIMIT:
        raise _outside(path)
    return parts


def _outside(path: str) -> Rejected:
    return Rejected(Reason.PATH_OUTSIDE_REPOSITORY, f"{path[:200]!r} leads outside the repository")


def _incomplete(error: Exception) -> RetryLater:
    return RetryLater(Reason.GIT_SERVER_FAULT, f"the mirror lacks an object: {error}", 2.0)
