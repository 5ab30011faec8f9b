"""Reads objects of a mirror through one persistent `git cat-file --batch`."""

import asyncio
import threading
from collections import OrderedDict
from pathlib import Path

from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.git.runner import GitRunner, HardenedGit, kill_session

READ_SECONDS = 20.0
TREES_KEPT = 8192
TREE_BYTES_LIMIT = 16 << 20
_OID_BYTES = 20

RawEntry = tuple[int, str, str]
"""Mode, name, object id."""


class ObjectMissing(Exception):
    """The mirror does not hold an object."""


class ObjectTooLarge(Exception):
    """An object is larger than the caller wants to read."""


class _Ended(Exception):
    """The reading process is gone; another may answer."""


class ObjectReader:
    """Objects by id. Trees are kept parsed: they never change, and neighbouring commits share almost all of theirs."""

    def __init__(self, folder: Path, runner: GitRunner) -> None:
        self._folder = folder
        self._runner = runner
        self._git = HardenedGit(folder, runner.settings)
        self._turn = threading.Lock()
        self._trees: OrderedDict[str, tuple[RawEntry, ...]] = OrderedDict()

    async def blob(self, oid: str, limit: int) -> bytes:
        """Return a blob of at most `limit` bytes.

        Raises:
            ObjectMissing, ObjectTooLarge: As they say.
            RetryLater: GIT_SERVER_FAULT when Git does not answer.
        """
        return await self._read(oid, "blob", limit)

    async def tree(self, oid: str) -> tuple[RawEntry, ...]:
        """Return the entries of a tree, in Git's order. Raises as `blob` does."""
        if (entries := self._trees.get(oid)) is not None:
            self._trees.move_to_end(oid)
            return entries
        entries = parse_tree(await self._read(oid, "tree", TREE_BYTES_LIMIT))
        self._trees[oid] = entries
        while len(self._trees) > TREES_KEPT:
            self._trees.popitem(last=False)
        return entries

    async def root(self, commit: str) -> str:
        """Return the id of a commit's root tree. Raises as `blob` does."""
        header = await self._read(commit, "commit", TREE_BYTES_LIMIT)
        return header[5:45].decode("ascii", "replace")

    async def _read(self, oid: str, kind: str, limit: int) -> bytes:
        try:
            async with asyncio.timeout(READ_SECONDS):
                found, content = await self._runner.in_thread(self._ask, oid, limit)
        except TimeoutError as error:
            self.close()
            raise RetryLater(
                Reason.GIT_SERVER_FAULT, f"reading an object took longer than {READ_SECONDS:g} s"
            ) from error
        if found != kind:
            raise ObjectMissing(f"{oid} is a {found}, not a {kind}")
        return content

    def _ask(self, oid: str, limit: int) -> tuple[str, bytes]:
        with self._turn:
            for _ in range(2):
                try:
                    return self._answer(oid, limit)
                except _Ended:
                    self.close()
            raise RetryLater(Reason.GIT_SERVER_FAULT, "git cat-file ended while reading")

    def _answer(self, oid: str, limit: int) -> tuple[str, bytes]:
        try:
            _, kind, size, stream = self._git.stream_object_data(oid)
        except ValueError as error:
            # GitPython's words for an empty line, which is what a process that has ended answers.
            if str(error).startswith("SHA is empty"):
                raise _Ended from error
            raise ObjectMissing(oid) from error
        except OSError as error:
            raise _Ended from error
        if size > limit:
            self._kill()
            del stream  # reads what is left in the pipe, which must still be open
            self.close()
            raise ObjectTooLarge(f"{size} bytes")
        content = stream.read(size)
        if len(content) != size:
            raise _Ended
        # GitPython's annotation says text; the persistent command's pipes are binary.
        return kind if isinstance(kind, str) else kind.decode("ascii"), content

    def _kill(self) -> None:
        process = self._git.cat_file_all
        if process is not None and process.proc is not None:
            kill_session(process.proc.pid)
            process.proc.wait()

    def close(self) -> None:
        """End the process; the next question starts another."""
        self._kill()
        process = self._git.cat_file_all
        self._git.cat_file_all = None
        if process is None or process.proc is None:
            return
        for stream in (process.proc.stdin, process.proc.stdout, process.proc.stderr):
            if stream is not None:
                _close(stream)


def _close(stream: object) -> None:
    try:
        stream.close()  # type: ignore[attr-defined]
    except (OSError, ValueError):
        return


def parse_tree(content: bytes) -> tuple[RawEntry, ...]:
    """Read a tree object: `<octal mode> <name> NUL <20 bytes of id>`, again and again."""
    entries: list[RawEntry] = []
    at = 0
    while at < len(content):
        space = content.index(b" ", at)
        end = content.index(b"\0", space)
        oid = content[end + 1 : end + 1 + _OID_BYTES].hex()
        entries.append((int(content[at:space], 8), content[space + 1 : end].decode("utf-8", "replace"), oid))
        at = end + 1 + _OID_BYTES
    return tuple(entries)
