"""Ledgers as NotificationLedger objects: one for each notified object, beside it, named `<kind>-<name>`."""

from collections.abc import Callable, Iterable

from wavegate.contracts.reconciling import OutboxEntry, Stored
from wavegate.kube import GroupVersionKind, KubeClient, KubeStateStore, Owner
from wavegate.notifier.domain.ledger import Ledger

LEDGER = GroupVersionKind("wavegate.dev", "v1alpha1", "NotificationLedger")


class KubeLedgers:
    """A state store under the notified object's own key.

    Most objects have no ledger, and nobody else makes one: that there is none is remembered, so that looking at such an
    object costs no call.
    """

    def __init__(self, client: KubeClient, kind: str, owner: Callable[[str], Owner | None]) -> None:
        self._prefix = f"{kind}-"
        self._store = KubeStateStore(client, LEDGER, Ledger, lambda key: owner(self._owner_key(key)))
        self._absent: set[str] = set()

    async def load(self, namespace: str, keys: Iterable[str]) -> None:
        """Read all ledgers of a namespace at once; which of `keys` have none is known from then on."""
        found = {self._owner_key(key) for key in await self._store.read_all(namespace)}
        self._absent.update(key for key in keys if key not in found)

    async def read(self, key: str) -> Stored[Ledger] | None:
        """Return the object's ledger."""
        if key in self._absent:
            return None
        stored = await self._store.read(self._ledger_key(key))
        if stored is None:
            self._absent.add(key)
        return stored

    async def write(self, key: str, state: Ledger, outbox: tuple[OutboxEntry, ...], version: str | None) -> str:
        """Write the object's ledger by compare-and-set."""
        self._absent.discard(key)
        return await self._store.write(self._ledger_key(key), state, outbox, version)

    def _ledger_key(self, key: str) -> str:
        namespace, _, name = key.partition("/")
        return f"{namespace}/{self._prefix}{name}"

    def _owner_key(self, key: str) -> str:
        namespace, _, name = key.partition("/")
        return f"{namespace}/{name.removeprefix(self._prefix)}"
