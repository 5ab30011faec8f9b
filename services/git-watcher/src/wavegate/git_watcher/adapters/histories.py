"""Ancestors of tips, fetched as commits alone and kept in memory for the next question."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

import structlog

from wavegate.contracts.failures import Failure
from wavegate.git import Mirrors
from wavegate.git.address import parse
from wavegate.git.mirror import HISTORY_DEPTH
from wavegate.git_watcher.domain.tips import Relation

TIPS_KEPT = 64
LEARN_DELAY = 0.3
"""Seconds that learning waits: what just moved is being rendered now, and the machine has better things to do."""

log = structlog.get_logger()


class GitHistories:
    """Answers what descends from what, from the nearest `HISTORY_DEPTH` ancestors of each tip."""

    def __init__(self, mirrors: Mirrors, *, allow_http: bool) -> None:
        self._mirrors = mirrors
        self._allow_http = allow_http
        self._known: OrderedDict[str, frozenset[str]] = OrderedDict()
        self._learning: set[asyncio.Task[None]] = set()

    async def relation(self, url: str, old: str, new: str) -> Relation:
        """Return whether `new` is an ancestor of `old`: then a server shows us the past.

        Where history is longer than what we look at, `new` may lie further back: there, only a descendant leads forward.
        """
        ancestors = await self._ancestors(url, old)
        if ancestors is None:
            return Relation.UNKNOWN
        if new in ancestors:
            return Relation.ANCESTOR
        is_forward = len(ancestors) < HISTORY_DEPTH or await self.descends(url, old, new)
        return Relation.OTHER if is_forward else Relation.UNKNOWN

    async def descends(self, url: str, old: str, new: str) -> bool | None:
        """Return whether `new` descends from `old`; None where history is longer than what we look at."""
        ancestors = await self._ancestors(url, new)
        if ancestors is None or (old not in ancestors and len(ancestors) >= HISTORY_DEPTH):
            return None
        return old in ancestors

    def learn(self, url: str, shas: Sequence[str]) -> None:
        """Fetch histories in the background."""
        task = asyncio.get_running_loop().create_task(self._learn(url, tuple(shas)))
        self._learning.add(task)
        task.add_done_callback(self._learning.discard)

    def close(self) -> None:
        """Stop learning."""
        for task in self._learning:
            task.cancel()

    async def _learn(self, url: str, shas: tuple[str, ...]) -> None:
        await asyncio.sleep(LEARN_DELAY)
        for sha in shas:
            await self._ancestors(url, sha)

    async def _ancestors(self, url: str, sha: str) -> frozenset[str] | None:
        if sha in self._known:
            self._known.move_to_end(sha)
            return self._known[sha]
        try:
            ancestors = await self._mirrors.of(parse(url, allow_http=self._allow_http)).ancestors(sha)
        except Failure as failure:
            log.info("history not known", repository=url, sha=sha, reason=failure.reason, detail=failure.message)
            return None
        self._known[sha] = ancestors
        while len(self._known) > TIPS_KEPT:
            self._known.popitem(last=False)
        return ancestors
