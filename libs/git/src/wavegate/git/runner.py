"""Runs Git, hardened and bounded in time, output, memory and disk, off the event loop."""

import asyncio
import os
import resource
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from git.cmd import Git
from wavegate.git import hardening
from wavegate.git.hardening import GitSettings, Limits

Arguments = ParamSpec("Arguments")
ResultT = TypeVar("ResultT")

STDERR_LIMIT = 16 << 10
READING_THREADS = 4
_CHUNK = 64 << 10
DEFAULT_LIMITS = Limits()
DEFAULT_SETTINGS = GitSettings()


class GitExceeded(Exception):
    """A Git process went past one of its limits and was killed; the text says which."""


@dataclass(frozen=True, slots=True)
class Completed:
    """How a Git process ended: exit status, its output, and the first kilobytes of what it said about it."""

    status: int
    out: bytes
    said: str


class HardenedGit(Git):
    """GitPython's `Git`, every process of which is started with our environment and options.

    GitPython hands the whole environment on; `env -u` takes away what Git must not see, by name alone, so that no
    value shows in an argument list.
    """

    __slots__ = ("_scheme", "_settings")

    def __init__(self, folder: Path | None, settings: GitSettings, scheme: str | None = None) -> None:
        super().__init__(str(folder) if folder else None)
        self._settings = settings
        self._scheme = scheme

    def execute(self, command: Any, *args: Any, **kwargs: Any) -> Any:
        """Run `command`, which begins with the name of the git program."""
        program, *rest = command
        kwargs["env"] = given = hardening.environment(self._settings)
        removed = [part for name in hardening.removed_variables(given) for part in ("-u", name)]
        full = ["env", *removed, program, *hardening.options(self._scheme), *rest]
        kwargs["start_new_session"] = True
        return super().execute(full, *args, **kwargs)


class GitRunner:
    """Starts Git processes on a few threads of its own."""

    def __init__(self, settings: GitSettings = DEFAULT_SETTINGS, threads: int = 8) -> None:
        self.settings = settings
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="git")
        # Reading objects takes microseconds and must not wait behind slow servers.
        self._reading = ThreadPoolExecutor(READING_THREADS, thread_name_prefix="git-read")

    async def run(
        self,
        arguments: Sequence[str],
        *,
        folder: Path | None = None,
        scheme: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Completed:
        """Run `git <arguments>` in `folder`, with one transport allowed (`scheme`), or none.

        Raises:
            GitExceeded: It went past a limit.
        """
        git = HardenedGit(folder, self.settings, scheme)
        return await asyncio.get_running_loop().run_in_executor(self._threads, _run, git, tuple(arguments), limits)

    async def in_thread(
        self, work: Callable[Arguments, ResultT], *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> ResultT:
        """Do short blocking work off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._reading, partial(work, *args, **kwargs))

    def close(self) -> None:
        """Let the threads go; running processes end by their own deadlines."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._reading.shutdown(wait=False, cancel_futures=True)


def _run(git: HardenedGit, arguments: tuple[str, ...], limits: Limits) -> Completed:
    process = git.execute(["git", *arguments], as_process=True)
    _limit(process.pid, limits)
    exceeded: list[str] = []

    def kill(what: str) -> None:
        exceeded.append(what)
        kill_session(process.pid)

    deadline = threading.Timer(limits.seconds, kill, (f"took longer than {limits.seconds:g} s",))
    said: list[bytes] = []
    listener = threading.Thread(target=_drain, args=(process.stderr, said), daemon=True)
    deadline.start()
    listener.start()
    try:
        out = _bounded(process.stdout, limits.output_bytes, kill)
        listener.join()
        status = process.proc.wait()
    finally:
        deadline.cancel()
        kill_session(process.pid)
        process.stdout.close()
        process.stderr.close()
    if exceeded:
        raise GitExceeded(f"git {arguments[0]} {exceeded[0]}")
    return Completed(status, out, b"".join(said).decode("utf-8", "replace"))


def _limit(pid: int, limits: Limits) -> None:
    """Bound memory and files of a process that was just started, and so of its children."""
    if not hasattr(resource, "prlimit"):
        return
    for kind, amount in ((resource.RLIMIT_AS, limits.memory_bytes), (resource.RLIMIT_FSIZE, limits.file_bytes)):
        try:
            resource.prlimit(pid, kind, (amount, amount))
        except (ProcessLookupError, PermissionError):
            return


def kill_session(pid: int) -> None:
    """Kill a process that leads a session, with everything that it started."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _bounded(stream: Any, limit: int, kill: Callable[[str], None]) -> bytes:
    parts: list[bytes] = []
    size = 0
    while chunk := stream.read1(_CHUNK):
        size += len(chunk)
        if size > limit:
            kill(f"printed more than {limit} bytes")
            break
        parts.append(chunk)
    return b"".join(parts)


def _drain(stream: Any, kept: list[bytes]) -> None:
    """Read a stream to its end, keeping its first kilobytes."""
    size = 0
    while chunk := stream.read1(_CHUNK):
        if size < STDERR_LIMIT:
            kept.append(chunk[: STDERR_LIMIT - size])
            size += len(kept[-1])
