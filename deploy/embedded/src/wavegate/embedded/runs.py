"""The folder of one run of the platform, and the record by which another process can end it, even after a crash."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import stat
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DESCRIPTION = "platform.json"
_RECORD = "run.json"
_ASK_AGAIN = 0.05
_REMOVALS = 5
# Bytes; a login session's runtime folder often lies in a small piece of memory.
_ROOM = 4 << 30


@dataclass(frozen=True, slots=True)
class Process:
    """A process that cannot be mistaken for a later one of the same id: `started` is in kernel ticks since boot."""

    pid: int
    started: int

    def alive(self) -> bool:
        """Tell whether that very process still runs."""
        return started_at(self.pid) == self.started


@dataclass(frozen=True, slots=True)
class Run:
    """A run's folder and what it recorded. `purpose` says who started it: a person (`up`), the story or a test."""

    folder: Path
    purpose: str
    supervisor: Process
    children: tuple[Process, ...]


def started_at(pid: int) -> int:
    """Return when a process started, in kernel ticks since boot; -1 if there is none (zombies count as none)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return -1
    return -1 if fields[0] == "Z" else int(fields[19])


def runs_root() -> Path:
    """Return the folder of this user's runs, made if missing and private to the user.

    Runs of different installations lie in different folders, so that `wavegate down` in one clone leaves the other's.

    Raises:
        PermissionError: Somebody else made that folder first.
    """
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    base = Path(given) if given and _roomy(Path(given)) else Path(tempfile.gettempdir())
    installation = hashlib.sha256(sys.prefix.encode()).hexdigest()[:8]
    root = base / f"wavegate-{os.getuid()}" / installation
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in (root, root.parent):
        found = folder.stat(follow_symlinks=False)
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise PermissionError(f"{folder} is not a folder of this user")
        folder.chmod(0o700)
    return root


def _roomy(folder: Path) -> bool:
    """Tell whether streams and mirrors fit there. Its size decides, not what is free, which changes between commands."""
    if not os.access(folder, os.W_OK):
        return False
    size = os.statvfs(folder)
    return size.f_blocks * size.f_frsize >= _ROOM


def new_run(purpose: str) -> Path:
    """Make and record the folder of a new run; what crashed runs left is removed on the way."""
    for run in found_runs():
        if not run.supervisor.alive():
            end(run)
    try:
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=runs_root()))
    except FileNotFoundError:
        # The last run of others ended, and removed the root, in between.
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=runs_root()))
    record(folder, purpose, {})
    return folder


def record(folder: Path, purpose: str, pids: Mapping[str, int]) -> None:
    """Note this process as the run's supervisor, and its children, for whoever must clean up after a crash."""
    write_whole(
        folder / _RECORD,
        {
            "purpose": purpose,
            "supervisor": [os.getpid(), started_at(os.getpid())],
            "children": [[pid, started_at(pid)] for pid in pids.values()],
        },
    )


def write_whole(path: Path, content: object) -> None:
    """Write JSON so that a reader sees the old file or the new one, never a part."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(content, indent=2) + "\n")
    fresh.replace(path)


def found_runs() -> list[Run]:
    """Return this installation's runs, oldest first, dead ones included."""
    records = sorted(runs_root().glob(f"run-*/{_RECORD}"), key=lambda path: path.stat().st_mtime)
    return [run for path in records if (run := _read(path))]


def newest_description() -> Path | None:
    """Return `platform.json` of the platform that a person or the story started last and that runs; None if none does."""
    described = [run.folder / DESCRIPTION for run in found_runs() if run.purpose != "test" and run.supervisor.alive()]
    return next((path for path in reversed(described) if path.exists()), None)


def _read(path: Path) -> Run | None:
    try:
        said = json.loads(path.read_text())
        children = tuple(Process(*each) for each in said["children"])
        return Run(path.parent, said["purpose"], Process(*said["supervisor"]), children)
    except (OSError, ValueError, KeyError, TypeError):
        # Half-removed by its own supervisor.
        return None


def end(run: Run, patience: float = 20.0) -> None:
    """Stop a run and remove its folder.

    The supervisor is given `patience` seconds to do so by itself. Children that outlived it are ended by the record.
    """
    _ask(run.supervisor, signal.SIGTERM)
    _wait(run.supervisor, patience)
    _ask(run.supervisor, signal.SIGKILL)
    for child in run.children:
        if child.alive():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
    remove(run.folder)


def remove(folder: Path) -> None:
    """Remove a run's folder with all data in it, and the folders of all runs if it was the last."""
    for _ in range(_REMOVALS):
        # A killed child may still write its last words while its folder goes.
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
    with contextlib.suppress(OSError):
        folder.parent.rmdir()
        folder.parent.parent.rmdir()


def _ask(process: Process, what: signal.Signals) -> None:
    if process.alive():
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, what)


def _wait(process: Process, patience: float) -> None:
    until = time.monotonic() + patience
    while process.alive() and time.monotonic() < until:
        time.sleep(_ASK_AGAIN)
