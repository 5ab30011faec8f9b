"""A run of the demonstration from start to end: platform up, story told, records kept, everything taken down."""

import asyncio
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from wavegate.demo import records
from wavegate.demo.app import Connections, connected, staged
from wavegate.demo.collecting import Collector
from wavegate.demo.script import CHAPTERS, Cast, Chapter, Tags
from wavegate.demo.standins.setting import NotReady
from wavegate.demo.story.cast_names import APPLICATION, NAMESPACE, ROLLOUT
from wavegate.demo.telling import NotObserved
from wavegate.embedded.holding import FAILURES
from wavegate.embedded.platform import EVERYTHING, Platform
from wavegate.embedded.tools import cache_root

OBSERVED, MISSING, NOT_STARTED, INTERRUPTED = 0, 1, 2, 130
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

NOW_TRY = (
    "wavegate app list",
    f"wavegate rollout get {ROLLOUT} -n {NAMESPACE} --watch",
    f"wavegate events --app {APPLICATION}",
)


class Demonstration:
    """One run. `once` ends it with the story; otherwise it stays up until a signal."""

    def __init__(self, console: Console, *, once: bool, tags: Tags | None = None) -> None:
        self.collector = Collector()
        self._console = console
        self._once = once
        self._tags = tags or Tags()
        self._began = time.monotonic()

    async def run(self, chapters: Sequence[Chapter] = CHAPTERS) -> int:
        """Run it; return the exit status, 0 only if every stage was observed."""
        _cancel_on_signals()
        status = INTERRUPTED
        try:
            self._say("starting the platform …")
            async with Platform(EVERYTHING, purpose="demo") as platform:
                self._say(f"platform ready after {self._elapsed():.1f} s: {', '.join(platform.pids)}")
                records_folder = records.new_folder(cache_root(), platform.folder.name)
                async with connected(platform, records_folder) as at, staged(at, self.collector, self._console) as cast:
                    status = await self._tell(at, cast, chapters)
                    if not self._once:
                        await self._stay()
        except (*FAILURES, NotReady) as failure:
            self._say(str(failure), "red")
            return NOT_STARTED
        except asyncio.CancelledError:
            self._say("\nstopped")
        return status

    async def _tell(self, at: Connections, cast: Cast, chapters: Sequence[Chapter]) -> int:
        begun = time.monotonic()
        try:
            for chapter in chapters:
                await chapter(cast, self._tags)
                if chapter is chapters[0]:
                    self._say(f"        {self._elapsed():.1f} s from the command to the first synced application")
        except NotObserved as failure:
            self._say(f"\n{failure}\n", "red")
            return MISSING
        else:
            self._say(f"\nevery stage was observed; the story took {time.monotonic() - begun:.0f} s", "bold green")
            return OBSERVED
        finally:
            self._keep(at, cast)

    def _keep(self, at: Connections, cast: Cast) -> None:
        spans = sorted((at.platform.folder / "traces").glob("*.jsonl"))
        for path in records.write(at.records, self.collector.evidence, cast.commits, spans):
            self._say(f"trace of {path.stem[:7]}: {path}")
        self._say(f"what the receivers got: {at.records}/slack.jsonl, {at.records}/pagerduty.jsonl")

    async def _stay(self) -> None:
        self._say("\nnow try, in another terminal:", "bold")
        for command in NOW_TRY:
            self._say(f"  {as_typed(command)}")
        self._say("Ctrl-C stops everything")
        await asyncio.Event().wait()

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _say(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)


def as_typed(command: str) -> str:
    """Return a command as it works from here: with the path to `wavegate` where the shell does not find it."""
    own = Path(sys.executable).with_name("wavegate")
    if shutil.which("wavegate") == str(own) or not own.exists():
        return command
    shown = own.relative_to(Path.cwd()) if own.is_relative_to(Path.cwd()) else own
    return command.replace("wavegate", str(shown), 1)


def _cancel_on_signals() -> None:
    """Turn the first signal into a cancellation; the next ones do not cut the stop short."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()

    def stop() -> None:
        for number in _STOPPING:
            loop.add_signal_handler(number, lambda: None)
        if task:
            task.cancel()

    for number in _STOPPING:
        loop.add_signal_handler(number, stop)
