"""What a job reads of its file tree: what is sent along, what is asked for later, and the record of both."""

from __future__ import annotations

import posixpath
from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Final

from wavegate.goworker import codes
from wavegate.goworker.failures import WorkerError
from wavegate.goworker.files import AskedPath, FileSource, Question

PRELOAD_FILES: Final = 256
PRELOAD_BYTES: Final = 2 << 20
"""A source folder beyond these is sent in part; the worker asks for the rest."""


def tree_path(path: str) -> str:
    """The path without `.`, `..` and slashes at its ends.

    Raises:
        WorkerError: FileFailed, when the path leaves the tree.
    """
    clean = posixpath.normpath(path or ".")
    if clean.startswith(("/", "../")) or clean == ".." or "\0" in clean:
        raise WorkerError(codes.FILE_FAILED, f"{path!r} is outside the repository")
    return "" if clean == "." else clean


def is_within(root: str, path: str) -> bool:
    """Whether the path is the folder `root` or below it."""
    return root in ("", path) or path.startswith(f"{root}/")


@dataclass(frozen=True, slots=True)
class Preloaded:
    """The source folder's files; `complete` when there are no others below it."""

    files: dict[str, bytes]
    complete: bool


async def preload(source: FileSource, root: str) -> Preloaded:
    """Read the folder breadth first, up to `PRELOAD_FILES` and `PRELOAD_BYTES`."""
    files: dict[str, bytes] = {}
    size, folders = 0, [root]
    for folder in folders:
        for name, is_dir in await source.list(folder) or ():
            path = f"{folder}/{name}" if folder else name
            if is_dir:
                folders.append(path)
                continue
            content = await source.read(path)
            if content is None:
                continue
            size += len(content)
            if len(files) == PRELOAD_FILES or size > PRELOAD_BYTES:
                return Preloaded(files, complete=False)
            files[path] = content
    return Preloaded(files, complete=True)


class ReadRecord:
    """Answers the worker's questions from a `FileSource` and keeps what was asked outside the source folder."""

    def __init__(self, source: FileSource, root: str) -> None:
        self._source, self._root = source, root
        self._asked: dict[tuple[Question, str], AskedPath] = {}
        self.failure: Exception | None = None
        """The first exception that the source raised; the job cannot be trusted after it."""

    @property
    def asked(self) -> tuple[AskedPath, ...]:
        """In order, once each."""
        return tuple(self._asked.values())

    async def answer(self, question: dict[str, str]) -> dict[str, Any]:
        """The protocol's answer to one question; a failing source answers with an error."""
        op, path = question["op"], question["path"]
        try:
            fields = await self._look(op, tree_path(path))
        except Exception as failure:  # noqa: BLE001 - whatever the source raises is raised again after the job
            self.failure = self.failure or failure
            return {"error": f"{type(failure).__name__} at {path}"}
        self._record(op, path, found=bool(fields["found"]))
        return fields

    async def _look(self, op: str, path: str) -> dict[str, Any]:
        if op == "read":
            content = await self._source.read(path)
            return {"found": content is not None, "data": b64encode(content or b"").decode()}
        if op == "list":
            entries = await self._source.list(path)
            return {"found": entries is not None, "entries": [{"name": n, "dir": d} for n, d in entries or ()]}
        kind = await self._source.stat(path)
        return {"found": kind is not None, "kind": kind or ""}

    def _record(self, op: str, path: str, *, found: bool) -> None:
        question: Question = "read" if op == "read" else "list" if op == "list" else "stat"
        if not is_within(self._root, path):
            self._asked[question, path] = AskedPath(question, path, found)
