"""One look at one repository: who follows it, where its refs stand, what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from wavegate.contracts.failures import Failure
from wavegate.contracts.reconciling import Decision, Hint
from wavegate.contracts.repository_state import RepositoryState
from wavegate.git_watcher.domain import deciding, targets
from wavegate.git_watcher.domain.applications import ApplicationView
from wavegate.git_watcher.domain.deciding import Action, LearnHistory
from wavegate.git_watcher.domain.looking import Polling
from wavegate.git_watcher.domain.observed import Answer, Observed, Unavailable
from wavegate.git_watcher.domain.pushes import Push
from wavegate.git_watcher.domain.targets import Resolved
from wavegate.git_watcher.domain.tips import Relation
from wavegate.git_watcher.ports import Applications, Histories, Remotes, RepositoryStates


@dataclass(slots=True)
class RepositoryReconciler:
    """Follows repositories; the key is a repository's 12-hex id."""

    remotes: Remotes
    histories: Histories
    applications: Applications
    states: RepositoryStates
    polling: Polling
    _heard: dict[str, tuple[Hint, ...]] = field(default_factory=dict)
    _answers: dict[str, tuple[str, Answer]] = field(default_factory=dict)
    _acted: set[str] = field(default_factory=set)

    async def observe(self, key: str, state: RepositoryState | None, hints: Sequence[Hint]) -> Observed | None:
        """Ask the repository, once for each look: the turns that follow in the same look keep its answer."""
        followers = self.applications.following(key)
        if not followers:
            return None
        pushes = tuple(hint.message for hint in hints if isinstance(hint.message, Push))
        blank = Observed(key, "", followers, None, pushes=pushes)
        if not self._goes_on(key, hints):
            asked = replace(blank, url=_address(key, followers, state))
            self._answers[key] = (asked.url, await self._ask(asked))
            self._heard[key] = tuple(hints)
        url, answer = self._answers[key]
        blank = replace(blank, url=url)
        return replace(
            blank,
            answer=answer,
            relations=await self._relations(blank, answer, state),
            descends=await self._descents(url, state),
            others=await self._others(key, followers),
        )

    def _goes_on(self, key: str, hints: Sequence[Hint]) -> bool:
        """Return whether this turn belongs to the look before: after acting, or with the very hints that it had."""
        acted = key in self._acted
        self._acted.discard(key)
        heard = self._heard.get(key, ())
        same = len(heard) == len(hints) and all(one is other for one, other in zip(heard, hints, strict=True))
        return key in self._answers and (same if hints else acted)

    def decide(
        self,
        observed: Observed,
        state: RepositoryState | None,
        outcomes: Sequence[Any],  # noqa: ARG002 - the reconciler's shape; our actions have no outcome
        now: datetime,
    ) -> Decision[RepositoryState, Action]:
        """Decide, purely."""
        return deciding.decide(observed, state, self.polling, now)

    async def act(self, key: str, observed: Observed, actions: Sequence[Action]) -> Sequence[Any]:
        """Have histories fetched in the background; the turn that follows need not ask again."""
        for action in actions:
            if isinstance(action, LearnHistory):
                self.histories.learn(observed.url, action.shas)
        self._acted.add(key)
        return ()

    async def _ask(self, observed: Observed) -> Answer:
        if all(targets.is_commit(target) for target in observed.targets):
            return {}
        try:
            return await self.remotes.refs(observed.url)
        except Failure as failure:
            return Unavailable(failure.reason, failure.message)

    async def _relations(
        self, observed: Observed, answer: Answer, state: RepositoryState | None
    ) -> Mapping[str, Relation]:
        if state is None or not isinstance(answer, Mapping):
            return {}
        relations: dict[str, Relation] = {}
        for target in observed.targets:
            known, found = state.refs.get(target), targets.resolve(target, answer)
            if known and known.sha and isinstance(found, Resolved) and found.sha != known.sha:
                relations[target] = await self.histories.relation(observed.url, known.sha, found.sha)
        return relations

    async def _descents(self, url: str, state: RepositoryState | None) -> Mapping[str, bool]:
        unjudged = {t: entry for t, entry in state.refs.items() if entry.unjudged} if state else {}
        told = {t: await self.histories.descends(url, entry.unjudged, entry.sha) for t, entry in unjudged.items()}
        return {target: answer for target, answer in told.items() if answer is not None}

    async def _others(self, key: str, followers: Sequence[ApplicationView]) -> Mapping[str, RepositoryState]:
        named = {source.repository for application in followers for source in application.sources} - {key}
        found = {repository: await self.states.of(repository) for repository in sorted(named)}
        return {repository: state for repository, state in found.items() if state is not None}


def _address(key: str, followers: Sequence[ApplicationView], state: RepositoryState | None) -> str:
    """Return the address to ask: the one asked before while somebody still gives it, else the first that is given.

    One spelling may fail where another works (ssh without a key, http refused): after a failure comes the next one's turn.
    """
    given = sorted({source.url for one in followers for source in one.sources if source.repository == key})
    if state is None or state.url not in given:
        return given[0]
    return given[(given.index(state.url) + (state.failure is not None)) % len(given)]
