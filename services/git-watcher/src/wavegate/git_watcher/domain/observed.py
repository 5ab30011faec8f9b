"""What one look at a repository found."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wavegate.contracts.reasons import Reason
from wavegate.contracts.repository_state import RepositoryState
from wavegate.git_watcher.domain.applications import ApplicationView
from wavegate.git_watcher.domain.pushes import Push
from wavegate.git_watcher.domain.tips import Relation


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Why a repository could not be asked."""

    reason: Reason
    message: str


Answer = Mapping[str, str] | Unavailable | None
"""Refs by full name, or why there are none, or None where this look did not ask."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A repository, who follows it, and what it answered.

    `relations` holds how each moved tip stands to the one before, by target; `descends` whether a tip moved on from the one
    before it (`unjudged`), where that could be told; `others` the state of the other repositories that sources name.
    """

    repository: str
    url: str
    applications: tuple[ApplicationView, ...]
    answer: Answer
    relations: Mapping[str, Relation] = field(default_factory=dict)
    descends: Mapping[str, bool] = field(default_factory=dict)
    others: Mapping[str, RepositoryState] = field(default_factory=dict)
    pushes: tuple[Push, ...] = ()

    @property
    def targets(self) -> list[str]:
        """Return every target that a Git source of an application follows, in order."""
        return self._followed(charts=False)

    @property
    def charts(self) -> list[str]:
        """Return every chart version that is followed and no Git source's target, in order."""
        return [target for target in self._followed(charts=True) if target not in self.targets]

    def _followed(self, *, charts: bool) -> list[str]:
        sources = (source for application in self.applications for source in application.sources)
        found = {one.target for one in sources if one.repository == self.repository and one.is_chart is charts}
        return sorted(found)

    @property
    def trigger(self) -> str:
        """Return what made us look."""
        return "webhook" if self.pushes else "poll"
