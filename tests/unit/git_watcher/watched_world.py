"""A repository with a history, a server that may lag behind it, and those who follow it: the ports, in memory."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from wavegate.contracts.failures import Failure
from wavegate.contracts.identity import repository_id
from wavegate.contracts.repository_state import RepositoryState
from wavegate.git_watcher.domain.applications import ApplicationView, view
from wavegate.git_watcher.domain.looking import Polling
from wavegate.git_watcher.domain.tips import Relation
from wavegate.git_watcher.handlers import RepositoryReconciler

URL = "https://git.example.com/team/models.git"
KEY = repository_id(URL)
T0 = datetime(2026, 1, 1, tzinfo=UTC)
POLLING = Polling()


def later(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def sha(number: int) -> str:
    return f"{number:040x}"


def application(name: str = "fraud", target: str | None = "main", url: str = URL, **spec: Any) -> dict[str, Any]:
    source = {"repoURL": url, "path": f"apps/{name}"} | ({"targetRevision": target} if target else {})
    return {
        "metadata": {"namespace": "argocd", "name": name, "uid": f"uid-{name}"},
        "spec": {"project": "default", "source": source, "destination": {"namespace": "prod"}, **spec},
    }


def views(*manifests: dict[str, Any]) -> tuple[ApplicationView, ...]:
    found = (view(manifest) for manifest in manifests)
    return tuple(one for one in found if one is not None)


class World:
    """Commits are numbers; `parents` is the history; `shown` is what the server answers now."""

    def __init__(self, *followers: dict[str, Any]) -> None:
        self.parents: dict[int, tuple[int, ...]] = {1: ()}
        self.shown: dict[str, int] = {"HEAD": 1, "refs/heads/main": 1}
        self.followers = list(followers or (application(),))
        self.failure: Failure | None = None
        self.history_known = True
        self.asked = 0
        self.learned: list[str] = []
        self.others: dict[str, RepositoryState] = {}

    def commit(self, number: int, *parents: int) -> None:
        self.parents[number] = parents

    def show(self, number: int, ref: str = "refs/heads/main") -> None:
        self.shown[ref] = number

    def ancestors(self, number: int) -> set[int]:
        found, waiting = set(), [number]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting.extend(self.parents[one])
        return found

    async def refs(self, url: str) -> Mapping[str, str]:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return {name: sha(number) for name, number in self.shown.items()}

    async def relation(self, url: str, old: str, new: str) -> Relation:
        if not self.history_known:
            return Relation.UNKNOWN
        return Relation.ANCESTOR if int(new, 16) in self.ancestors(int(old, 16)) else Relation.OTHER

    async def descends(self, url: str, old: str, new: str) -> bool | None:
        return int(old, 16) in self.ancestors(int(new, 16)) if self.history_known else None

    def learn(self, url: str, shas: Sequence[str]) -> None:
        self.learned.extend(shas)

    def following(self, repository: str) -> tuple[ApplicationView, ...]:
        return tuple(
            one for one in views(*self.followers) if any(source.repository == repository for source in one.sources)
        )

    async def of(self, repository: str) -> RepositoryState | None:
        return self.others.get(repository)

    def reconciler(self) -> RepositoryReconciler:
        return RepositoryReconciler(self, self, self, self, POLLING)
