"""The stored intent number: read from the API server, past what the state store remembers."""

from wavegate.kube import GroupVersionKind, KubeClient, KubeStateStore, NotFound
from wavegate.kube.state_store import split_key
from wavegate.syncer.adapters.records import KubeRecords
from wavegate.syncer.domain.state import ApplicationState

APPLICATION_STATE = GroupVersionKind("wavegate.dev", "v1alpha1", "ApplicationState")


def application_states(client: KubeClient, records: KubeRecords) -> KubeStateStore[ApplicationState]:
    """Return the store of this service's state."""
    return KubeStateStore(client, APPLICATION_STATE, ApplicationState, records.owner)


class KubeFence:
    """Reads the fence."""

    def __init__(self, client: KubeClient, store: KubeStateStore[ApplicationState]) -> None:
        self._client = client
        self._store = store

    async def current(self, key: str) -> int:
        """Return the stored number; 0 when there is no state. What is remembered is forgotten if it is another."""
        namespace, name = split_key(key)
        try:
            found = await self._client.get(APPLICATION_STATE, namespace, name)
        except NotFound:
            found = {}
        state = (found.get("status") or {}).get("state") or {}
        number = int(state.get("fence") or 0)
        remembered = await self._store.read(key)
        if remembered is None or remembered.state is None or remembered.state.fence != number:
            self._store.forget(key)
        return number
