"""What git-watcher needs from outside, in its own words."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from wavegate.contracts.repository_state import RepositoryState
from wavegate.git_watcher.domain.applications import ApplicationView
from wavegate.git_watcher.domain.tips import Relation


class Remotes(Protocol):
    """Repositories, by address."""

    async def refs(self, url: str) -> Mapping[str, str]:
        """Return every ref with its tip.

        Raises:
            RetryLater, Rejected: The repository cannot be asked.
        """


class Histories(Protocol):
    """What descends from what. Never raises: what cannot be told is unknown."""

    async def relation(self, url: str, old: str, new: str) -> Relation:
        """Return how `new` stands to `old`."""

    async def descends(self, url: str, old: str, new: str) -> bool | None:
        """Return whether `new` descends from `old`; None where that cannot be told."""

    def learn(self, url: str, shas: Sequence[str]) -> None:
        """Fetch the histories of tips in the background, for questions to come."""


class Applications(Protocol):
    """The live Applications of the control-plane namespace."""

    def following(self, repository: str) -> tuple[ApplicationView, ...]:
        """Return those with a source in a repository, by its id."""


class RepositoryStates(Protocol):
    """What is recorded of other repositories."""

    async def of(self, repository: str) -> RepositoryState | None:
        """Return the state of a repository, by its id."""
