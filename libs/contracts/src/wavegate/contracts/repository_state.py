"""What git-watcher knows of a repository: written by git-watcher alone, read by the syncer (architecture §3, §4)."""

from datetime import datetime

from pydantic import Field

from wavegate.contracts.model import Contract
from wavegate.contracts.reasons import Reason


class StateFailure(Contract):
    """Why a repository or a ref cannot be followed, and since when."""

    reason: Reason
    message: str
    since: datetime


class Regression(Contract):
    """A tip that lies behind the one we have, and when it was first seen there (architecture §4)."""

    sha: str
    since: datetime


class Announcing(Contract):
    """The tip is being told to the applications in the order of their keys; `after` is the last one told.

    `nonce` is not empty when a tip that was told before is told again.
    """

    after: str = ""
    nonce: str = ""


class RefState(Contract):
    """One ref, under the name by which Applications call it (`targetRevision`, `HEAD` for none).

    `sha` and `seq` are the tip that counts, empty and 0 before there was one; they stay when the ref is lost (`failure`).
    `name` is the full ref that it stood for; `unjudged` is the tip before, as long as it is not known whether this one
    descends from it.
    """

    sha: str = ""
    seq: int = 0
    name: str = ""
    observed_at: datetime | None = None
    failure: StateFailure | None = None
    regressed: Regression | None = None
    unjudged: str = ""
    announcing: Announcing | None = None


class RepositoryState(Contract):
    """All that is known of one repository. `failure` stands while the repository as a whole cannot be asked."""

    url: str
    refs: dict[str, RefState] = Field(default_factory=dict)
    failure: StateFailure | None = None
