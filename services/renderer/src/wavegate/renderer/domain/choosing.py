"""Which of the requests that wait for one application are worth rendering: the newest wins."""

from collections.abc import Sequence

from wavegate.contracts.commands import RenderApplication
from wavegate.contracts.identity import repository_id
from wavegate.contracts.reconciling import Hint

AUTOMATIC = frozenset({"push", "spec", "refresh", "rescan"})


def chosen(hints: Sequence[Hint]) -> tuple[Hint, ...]:
    """Return the requests to fulfil: the newest automatic one, and every one that somebody made on purpose."""
    asked = [hint for hint in hints if isinstance(hint.message, RenderApplication)]
    newest: Hint | None = None
    for hint in asked:
        if hint.message.reason in AUTOMATIC and (newest is None or not is_older(hint.message, newest.message)):
            newest = hint
    on_purpose = [hint for hint in asked if hint.message.reason not in AUTOMATIC]
    return (*([newest] if newest else ()), *on_purpose)


def is_older(one: RenderApplication, other: RenderApplication) -> bool:
    """Return whether `one` speaks of an earlier tip of a ref that both follow, and of no later one."""
    known = {(repository_id(commit.repository), commit.ref): commit.seq for commit in other.commits}
    steps = [
        commit.seq - known[place]
        for commit in one.commits
        if (place := (repository_id(commit.repository), commit.ref)) in known
    ]
    return min(steps, default=0) < 0 and max(steps, default=0) <= 0
