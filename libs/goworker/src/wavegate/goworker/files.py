"""Where Helm and Kustomize get their files: never from disk, always by asking the caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

FileKind = Literal["file", "dir"]
Question = Literal["read", "stat"]


class FileSource(Protocol):
    """An immutable tree of files, such as one Git commit.

    Paths are relative to the tree's root, `/`-separated, without `.`, `..` or a leading slash; the root is `""`.
    The worker never sees a path outside the tree. Symbolic links are the source's business: it follows those that
    stay inside and raises for others. Whatever a method raises ends the job and is raised to the job's caller.
    """

    async def read(self, path: str) -> bytes | None:
        """Content of the file, or None where there is none (a folder included)."""

    async def list(self, path: str) -> Sequence[tuple[str, bool]] | None:
        """(name, is it a folder) of each entry, or None where there is no folder."""

    async def stat(self, path: str) -> FileKind | None:
        """What stands at the path, or None."""


@dataclass(frozen=True, slots=True)
class AskedPath:
    """One path that a render looked at outside its own source folder.

    Attributes:
        question: what was asked of the path.
        path: relative to the tree's root.
        found: False when nothing stood there; its absence is then part of what the render depends on.
    """

    question: Question
    path: str
    found: bool
