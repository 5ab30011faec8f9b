"""Tells the story to a person, line by line, as its stages are seen; nothing is told that was not."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.text import Text

from wavegate.demo.collecting import Collector
from wavegate.demo.story.evidence import Evidence
from wavegate.demo.story.looks import Stage, progress
from wavegate.demo.story.timeline import line, missing_report, newly_seen

_LOOK_AGAIN = 0.25
# The audit log is seen a little later than the events; lines wait for it, so that they come in the order of time.
_HELD_BACK = timedelta(seconds=0.3)
_FAILED = ("sync failed", "aborted", "PagerDuty incident")


class NotObserved(Exception):
    """Stages that were to be seen were not, in their time; the message names them and holds the evidence so far."""


class Teller:
    """Waits for stages and prints each when it is seen."""

    def __init__(self, collector: Collector, console: Console) -> None:
        self._collector = collector
        self._console = console

    def chapter(self, title: str) -> None:
        """Begin a chapter."""
        self._console.print()
        self._console.print(Text(title, style="bold"))

    def say(self, text: str, style: str = "") -> None:
        """Print a line as it is."""
        self._console.print(Text(text, style=style), soft_wrap=True)

    async def see(self, stages: Sequence[Stage], begun: datetime, commit: str = "", within: float = 60.0) -> Evidence:
        """Wait until every stage was seen since `begun`; return the evidence.

        Args:
            stages: What is to be seen; told in the order in which it happened.
            begun: When that began which everything follows from; milliseconds count from here.
            commit: The commit that it is about, if one.
            within: Seconds to wait.

        Raises:
            NotObserved: Something was not seen in time.
        """
        told: set[str] = set()
        loop = asyncio.get_running_loop()
        until = loop.time() + within
        while True:
            self._collector.changed.clear()
            evidence = self._collector.evidence.since(begun)
            seen, missing = progress(stages, evidence)
            settled = now() - _HELD_BACK if missing else now()
            for name, sighting in newly_seen(seen, told, settled):
                told.add(name)
                style = "red" if name in _FAILED else ""
                self.say(str(line(name, sighting, commit, begun)), style)
            if not missing:
                return evidence
            if loop.time() > until:
                raise NotObserved(missing_report(missing, evidence))
            await self._news()

    async def _news(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_AGAIN):
                await self._collector.changed.wait()
        except TimeoutError:
            pass


def now() -> datetime:
    """Return the time that sightings are compared with."""
    return datetime.now(UTC)
