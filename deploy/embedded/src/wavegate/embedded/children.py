"""One supervised child process: started in a group of its own, tied to our life, stopped with its descendants."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from wavegate.embedded import lifeline

_TAIL_BYTES = 4_000
_TAIL_LINES = 15


class Child:
    """A running process whose output goes to a log file."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """Return the process id, which is also the id of its group."""
        return self._process.pid

    async def ended(self) -> int:
        """Wait until it ends; return its exit status, negative for a signal."""
        return await self._process.wait()

    async def stop(self, grace: float) -> None:
        """Ask it to stop, then, after `grace` seconds, end it and all its descendants."""
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace):
                await self._process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        await self._process.wait()


async def start_child(command: tuple[str, ...], environment: Mapping[str, str], folder: Path, log: Path) -> Child:
    """Start a program in a folder, its output appended to a log.

    Must be called on the process's main thread, or on one that lives as long as the child shall: the kernel ties the
    child to the thread that started it.
    """
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-S",
            lifeline.__file__,
            str(os.getpid()),
            *command,
            cwd=folder,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return Child(process)


def tail(log: Path) -> str:
    """Return the last lines of a log."""
    if not log.exists():
        return "(no output)"
    with log.open("rb") as opened:
        opened.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        text = opened.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-_TAIL_LINES:]) or "(no output)"
