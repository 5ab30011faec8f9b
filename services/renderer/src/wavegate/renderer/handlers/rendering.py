"""One request: plan its sources, take what is known, else render, and keep the outcome."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from wavegate.contracts.commands import RenderApplication
from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.contracts.references import BundleRef
from wavegate.renderer.domain import objects, read_sets
from wavegate.renderer.domain.objects import Limits
from wavegate.renderer.domain.read_sets import Answer, Outcome, Record
from wavegate.renderer.domain.results import Failed, Rendered, Result
from wavegate.renderer.handlers.planning import Planner, SourceWork
from wavegate.renderer.handlers.recording import answer
from wavegate.renderer.handlers.running import Runner
from wavegate.renderer.ports import Bundles, Cache, JsonObject

_PASSING = frozenset({Reason.RENDER_TIMEOUT, Reason.RENDER_OUT_OF_MEMORY, Reason.RENDER_CRASHED})
"""Failures that the same inputs may not give again: said, but not kept."""


class _AtSource(Exception):
    """A refusal, with the source that it concerns."""

    def __init__(self, index: int, refusal: Rejected) -> None:
        super().__init__(refusal.message)
        self.index = index
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Rendering:
    """Renders applications."""

    planner: Planner
    runner: Runner
    bundles: Bundles
    cache: Cache
    limits: Limits = field(default_factory=Limits)

    async def render(self, command: RenderApplication) -> Result:
        """Return what a request leads to; refusals are results.

        Raises:
            RetryLater: Something outside is in the way.
        """
        try:
            works = [await self._planned(command, index) for index in range(len(command.sources))]
        except _AtSource as stop:
            return Failed(stop.refusal.reason, stop.refusal.message, stop.index)
        key = read_sets.plan_key([work.planned for work in works], self.planner.tools.version)
        record = await self.cache.recall(key)
        known = await self._known(works, key, record)
        return known or await self._fresh(works, key, record)

    async def _planned(self, command: RenderApplication, index: int) -> SourceWork:
        try:
            return await self.planner.plan(command, command.sources[index])
        except Rejected as refusal:
            raise _AtSource(index, refusal) from refusal

    async def _known(self, works: Sequence[SourceWork], key: str, record: Record) -> Result | None:
        """Return an earlier outcome that holds here too, its bundle being there still."""
        outcome = read_sets.fitting(record, await self._answers(works, record))
        if outcome is None:
            return None
        if outcome.bundle is None:
            return Failed(outcome.reason or Reason.INTERNAL_ERROR, outcome.detail, outcome.source_index)
        try:
            await self.bundles.get(outcome.bundle)
        except Rejected:
            return None
        return _rendered(works, key, outcome, outcome.bundle, cached=True)

    async def _answers(self, works: Sequence[SourceWork], record: Record) -> Mapping[tuple[int, str], str]:
        answers: dict[tuple[int, str], str] = {}
        for index, path in read_sets.questions(record):
            try:
                answers[index, path] = answer(await works[index].tree.look(path))
            except Rejected:
                continue
        return answers

    async def _fresh(self, works: Sequence[SourceWork], key: str, record: Record) -> Result:
        try:
            made = await self._run(works)
            content = objects.bundle(made, self.limits)
        except _AtSource as stop:
            return self._refused(works, key, record, stop)
        except Rejected as refusal:
            return self._refused(works, key, record, _AtSource(0, refusal))
        reference = await self.bundles.put(content)
        outcome = Outcome(answers=_asked(works), bundle=reference, objects=len(made))
        self.cache.remember(key, read_sets.with_outcome(record, outcome))
        return _rendered(works, key, outcome, reference)

    async def _run(self, works: Sequence[SourceWork]) -> list[JsonObject]:
        made: list[JsonObject] = []
        for index, work in enumerate(works):
            try:
                made += objects.expanded(await self.runner.run(work))
                objects.checked(made, self.limits)
            except Rejected as refusal:
                raise _AtSource(index, refusal) from refusal
        return made

    def _refused(self, works: Sequence[SourceWork], key: str, record: Record, stop: _AtSource) -> Failed:
        reason, detail = stop.refusal.reason, stop.refusal.message
        if reason not in _PASSING:
            outcome = Outcome(answers=_asked(works), reason=reason, detail=detail, source_index=stop.index)
            self.cache.remember(key, read_sets.with_outcome(record, outcome))
        return Failed(reason, detail, stop.index)


def _rendered(
    works: Sequence[SourceWork], key: str, outcome: Outcome, bundle: BundleRef, *, cached: bool = False
) -> Rendered:
    types = tuple(str(work.type) for work in works)
    return Rendered(bundle, outcome.objects, types, read_sets.read_set(key, outcome.answers), cached)


def _asked(works: Sequence[SourceWork]) -> tuple[Answer, ...]:
    return tuple(
        Answer(source=index, path=path, found=found)
        for index, work in enumerate(works)
        for path, found in sorted(work.files.asked.items())
    )
