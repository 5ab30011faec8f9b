"""What a job reads of its file tree: what is sent along, what is asked for later, and the record of both."""

from __future__ import annotations

import posixpath
from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Final

from wavegate.goworker import codes
from wavegate.goworker.failures import WorkerError
from wavegate.goworker.files import AskedPath, FileKind, FileSource, Question

MAX_CHART_BYTES: Final = 32 << 20
"""A chart's folder is sent whole or not at all."""
PRELOAD_FILES: Final = 256
PRELOAD_BYTES: Final = 2 << 20
"""A kustomization's folder beyond these is sent in part; the worker asks for the rest."""


def tree_path(path: str) -> str:
    """The path without `.`, `..` and slashes at its ends; "" is the root.

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
    """Files and folders at and below a folder; `complete` when there are no others."""

    files: dict[str, bytes]
    folders: tuple[str, ...]
    complete: bool


async def preload(source: FileSource, root: str, *, max_files: int | None, max_bytes: int) -> Preloaded:
    """Read a folder breadth first, up to the limits."""
    files: dict[str, bytes] = {}
    size, folders = 0, [root]
    if await source.list(root) is None:
        return Preloaded(files, (), complete=True)
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
            if len(files) == max_files or size > max_bytes:
                return Preloaded(files, tuple(folders), complete=False)
            files[path] = content
    return Preloaded(files, tuple(folders), complete=True)


async def preload_chart(source: FileSource, root: str) -> dict[str, bytes]:
    """Every file of a chart, by its path inside the chart.

    Raises:
        WorkerError: RequestTooLarge, past `MAX_CHART_BYTES`.
    """
    sent = await preload(source, root, max_files=None, max_bytes=MAX_CHART_BYTES)
    if not sent.complete:
        text = f"the chart folder {root or '.'} has more than {MAX_CHART_BYTES >> 20} MiB"
        raise WorkerError(codes.REQUEST_TOO_LARGE, text)
    prefix = f"{root}/" if root else ""
    return {path.removeprefix(prefix): content for path, content in sent.files.items()}


class ReadRecord:
    """Looks at a `FileSource` and keeps what was looked at outside the job's own folder `root`."""

    def __init__(self, source: FileSource, root: str) -> None:
        self._source, self._root = source, root
        self._asked: dict[tuple[Question, str], AskedPath] = {}
        self.failure: Exception | None = None
        """The first exception while answering the worker; its job cannot be trusted after it."""

    @property
    def asked(self) -> tuple[AskedPath, ...]:
        """In order, once each."""
        return tuple(self._asked.values())

    async def read(self, path: str) -> bytes | None:
        """As the source's own."""
        content = await self._source.read(path)
        self._keep("read", path, found=content is not None)
        return content

    async def stat(self, path: str) -> FileKind | None:
        """As the source's own."""
        kind = await self._source.stat(path)
        self._keep("stat", path, found=kind is not None)
        return kind

    async def answer(self, question: dict[str, str]) -> dict[str, Any]:
        """The protocol's answer to a question of the worker; a failing source answers with an error."""
        try:
            return await self._look(question["op"], tree_path(question["path"]))
        except Exception as failure:  # noqa: BLE001 - whatever the source raises is raised again after the job
            self.failure = self.failure or failure
            return {"error": type(failure).__name__}

    async def _look(self, op: str, path: str) -> dict[str, Any]:
        if op == "read":
            content = await self.read(path)
            return {"found": content is not None, "data": b64encode(content or b"").decode()}
        kind = await self.stat(path)
        return {"found": kind is not None, "kind": kind or ""}

    def _keep(self, question: Question, path: str, *, found: bool) -> None:
        if not is_within(self._root, path):
            self._asked[question, path] = AskedPath(question, path, found)
