"""What descends from what, where history is longer than what is looked at."""

from typing import Any, cast

import pytest

from wavegate.git import Mirrors
from wavegate.git.mirror import HISTORY_DEPTH
from wavegate.git_watcher.adapters.histories import GitHistories
from wavegate.git_watcher.domain.tips import Relation

URL = "https://git.example.com/team/models.git"


def sha(number: int) -> str:
    return f"{number:040x}"


class LongHistory:
    """A line of commits 1, 2, 3, …; the nearest `HISTORY_DEPTH` ancestors are told."""

    def of(self, address: Any) -> "LongHistory":
        return self

    async def ancestors(self, tip: str) -> frozenset[str]:
        number = int(tip, 16)
        return frozenset(sha(one) for one in range(max(1, number - HISTORY_DEPTH + 1), number + 1))


@pytest.mark.parametrize(
    ("old", "new", "relation"),
    [
        (5000, 5001, Relation.OTHER),
        (5000, 5000 + HISTORY_DEPTH - 1, Relation.OTHER),
        (5000, 4999, Relation.ANCESTOR),
        (5000, 1599, Relation.UNKNOWN),  # argo-cd #29716: 3401 commits behind
        (5000, 7, Relation.UNKNOWN),
        (100, 101, Relation.OTHER),
    ],
)
async def test_a_tip_far_behind_is_not_taken_for_a_new_one(old: int, new: int, relation: Relation) -> None:
    histories = GitHistories(cast("Mirrors", LongHistory()), allow_http=False)

    assert await histories.relation(URL, sha(old), sha(new)) is relation
