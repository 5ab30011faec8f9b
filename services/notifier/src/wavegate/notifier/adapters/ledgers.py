"""Ledgers as NotificationLedger objects: one for each notified object, beside it, named `<kind>-<name>`."""

from collections.abc import Callable

from wavegate.contracts.reconciling import OutboxEntry, Stored
from wavegate.kube import GroupVersionKind, KubeClient, KubeStateStore, Owner
from wavegate.notifier.domain.ledger import Ledger

LEDGER = GroupVersionKind("wavegate.dev", "v1alpha1", "NotificationLedger")


class KubeLedgers:
    """A state store under the notified object's own key."""

    def __init__(self, client: KubeClient, kind: str, owner: Callable[[str], Owner | None]) -> None:
        self._prefix = f"{kind}-"
        self._store = KubeStateStore(client, LEDGER, Ledger, lambda key: owner(self._owner_key(key)))

    async def read(self, key: str) -> Stored[Ledger] | None:
        """Return the object's ledger."""
        return await self._store.read(self._ledger_key(key))

    async def write(self, key: str, state: Ledger, outbox: tuple[OutboxEntry, ...], version: str | None) -> str:
        """Write the object's ledger by compare-and-set."""
        return await self._store.write(self._ledger_key(key), state, outbox, version)

    def _ledger_key(self, key: str) -> str:
        namespace, _, name = key.partition("/")
        return f"{namespace}/{self._prefix}{name}"

    def _owner_key(self, key: str) -> str:
        namespace, _, name = key.partition("/")
        return f"{namespace}/{name.removeprefix(self._prefix)}"
