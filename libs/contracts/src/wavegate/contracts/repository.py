"""Events of repositories (git-watcher)."""

from typing import ClassVar

from wavegate.contracts.events import Event
from wavegate.contracts.identity import repository_id
from wavegate.contracts.reasons import Reason


class RepositoryEvent(Event):
    """An event of one (repository, ref)."""

    AREA: ClassVar[str] = "repository"

    repository: str
    ref: str

    @property
    def subject_tokens(self) -> tuple[str, str]:
        """Return the repository's id and the ref."""
        return (repository_id(self.repository), self.ref)

    @property
    def object_uid(self) -> str:
        """Return repository id and ref."""
        return "/".join(self.subject_tokens)


class RevisionObserved(RepositoryEvent):
    """The tip of a ref moved to `sha`; `seq` orders it. `trigger` is `webhook`, `poll` or `application`."""

    sha: str
    seq: int
    previous_sha: str | None = None
    trigger: str
    pushed_at: str | None = None


class RefMissing(RepositoryEvent):
    """A ref that an application names is not there. Nothing is pruned."""

    last_sha: str | None = None


class HistoryRewritten(RepositoryEvent):
    """The tip moved to a commit that does not descend from the last one."""

    sha: str
    seq: int
    previous_sha: str


class LaggingMirror(RepositoryEvent):
    """A server answered with an ancestor of the tip that we have: not followed (architecture §4)."""

    sha: str
    known_sha: str


class GitFailed(RepositoryEvent):
    """A repository could not be asked."""

    reason: Reason
    detail: str
