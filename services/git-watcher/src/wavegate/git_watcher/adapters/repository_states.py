"""RepositoryState objects, by repository id."""

from wavegate.contracts.reconciling import OutboxEntry, Stored
from wavegate.contracts.repository_state import RepositoryState
from wavegate.kube.client import KubeClient
from wavegate.kube.resources import GroupVersionKind
from wavegate.kube.state_store import KubeStateStore

REPOSITORY_STATE = GroupVersionKind("wavegate.dev", "v1alpha1", "RepositoryState")


class KubeRepositoryStates:
    """One object each, `repository-<id>` in the control-plane namespace. They belong to no other object: `seq` outlives all."""

    def __init__(self, client: KubeClient, namespace: str) -> None:
        self._namespace = namespace
        self._store = KubeStateStore(client, REPOSITORY_STATE, RepositoryState, lambda _: None)

    async def read(self, key: str) -> Stored[RepositoryState] | None:
        """Return what is stored of a repository."""
        return await self._store.read(self._name(key))

    async def write(
        self, key: str, state: RepositoryState, outbox: tuple[OutboxEntry, ...], version: str | None
    ) -> str:
        """Write by compare-and-set."""
        return await self._store.write(self._name(key), state, outbox, version)

    async def of(self, repository: str) -> RepositoryState | None:
        """Return the state of a repository."""
        stored = await self.read(repository)
        return stored.state if stored else None

    def _name(self, repository: str) -> str:
        return f"{self._namespace}/repository-{repository}"
