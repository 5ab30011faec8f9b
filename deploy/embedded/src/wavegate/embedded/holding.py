"""Keeps a platform up until a signal asks to stop, in this process or in one that goes on without a terminal.

`python -m wavegate.embedded.holding` is that process: it says on stdout, one JSON object a line, what happens while it
starts; after `ready` or `failed` it says nothing more and works on alone.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from wavegate.embedded.build import BuildFailed
from wavegate.embedded.platform import EVERYTHING, Platform
from wavegate.embedded.seeding import Refused
from wavegate.embedded.supervisor import StartFailed
from wavegate.embedded.toolchain import NoToolchain

# What keeps a platform from starting for a reason that a person should read without a traceback.
FAILURES = (StartFailed, Refused, BuildFailed, NoToolchain)
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def hold(platform: Platform, ready: Callable[[Platform], None]) -> None:
    """Start a platform, call `ready`, and stop it when a signal comes; a second signal does not cut the stop short."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for number in _STOPPING:
            loop.add_signal_handler(number, lambda: None)
        if task:
            task.cancel()

    for number in _STOPPING:
        loop.add_signal_handler(number, stop)
    try:
        async with platform:
            ready(platform)
            await asyncio.Event().wait()
    except asyncio.CancelledError:
        pass


def detach(instance_id: str, report: Callable[[str], None]) -> Path:
    """Start a platform in a process of its own that outlives this one; return its `platform.json`.

    Raises:
        StartFailed: It did not come up; the message is that of the other process.
    """
    environment = {**os.environ, "WAVEGATE_INSTANCE_ID": instance_id} if instance_id else dict(os.environ)
    holder = subprocess.Popen(
        [sys.executable, "-m", "wavegate.embedded.holding"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    if holder.stdout is None:
        raise StartFailed("no pipe to the supervisor")
    for line in holder.stdout:
        said = json.loads(line)
        if "ready" in said:
            return Path(said["ready"])
        if "failed" in said:
            raise StartFailed(said["failed"])
        report(said["report"])
    raise StartFailed(f"the supervisor ended with exit status {holder.wait()} before the platform was ready")


def _say(**words: str) -> None:
    print(json.dumps(words), flush=True)


class _Reporter:
    """Says what happens to whoever started us, and to our log once they have gone."""

    def __init__(self) -> None:
        self._attended = True

    def __call__(self, what: str) -> None:
        if self._attended:
            _say(report=what)
        else:
            print(what, flush=True)

    def leave(self, platform: Platform) -> None:
        """Say that all is ready, and let go of the terminal."""
        _say(ready=str(platform.description))
        with (platform.logs / "supervisor.log").open("ab") as log:
            os.dup2(log.fileno(), sys.stdout.fileno())
            os.dup2(log.fileno(), sys.stderr.fileno())
        self._attended = False


def main() -> int:
    """Hold everything until a signal; return the exit status."""
    reporter = _Reporter()
    platform = Platform(
        EVERYTHING, purpose="up", instance_id=os.environ.get("WAVEGATE_INSTANCE_ID", ""), report=reporter
    )
    try:
        asyncio.run(hold(platform, reporter.leave))
    except FAILURES as failure:
        _say(failed=str(failure))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
