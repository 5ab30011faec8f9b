"""The notifier's NotificationLedgers as receipts: an event that may become a message leaves once its ledger lists it."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from wavegate.contracts.failures import Failure
from wavegate.contracts.reconciling import OutboxEntry
from wavegate.contracts.routing import BY_TYPE, NOTIFIER
from wavegate.kube.errors import ExpectedAnswer
from wavegate.kube.resources import GroupVersionKind, JsonObject
from wavegate.rollout_analyzer.domain.interests import asks_for_messages
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import Json

LEDGER = GroupVersionKind("wavegate.dev", "v1alpha1", "NotificationLedger")
_PREFIX = "rollout-"


class ReadsObjects(Protocol):
    """What is asked of the API server's client."""

    async def get(self, gvk: GroupVersionKind, namespace: str, name: str) -> JsonObject:
        """Return an object."""


class NotificationLedgers:
    """Implements the runtime's `Receipts` for Rollouts that carry a subscription; nothing is awaited for the others.

    `rollout` gives the Rollout of a key as last seen, None when it is gone.
    """

    def __init__(self, client: ReadsObjects, rollout: Callable[[str], Json | None]) -> None:
        self._client, self._rollout = client, rollout

    def awaited(self, key: str, entries: Sequence[OutboxEntry]) -> Collection[str]:
        """Return the ids of what the notifier hears about."""
        heard = [entry.id for entry in entries if NOTIFIER in BY_TYPE[entry.type].workers]
        return heard if heard and asks_for_messages(self._rollout(key)) else ()

    async def outstanding(self, key: str, entries: Sequence[OutboxEntry]) -> Collection[str]:
        """Return the ids that the Rollout's ledger does not list; all of them when there is none or it cannot be read."""
        namespace, _, name = key.partition("/")
        try:
            ledger = await self._client.get(LEDGER, namespace, f"{_PREFIX}{name}")
        except (ExpectedAnswer, Failure):
            return [entry.id for entry in entries]
        listed = mapping(ledger, "status", "state").get("heard")
        recorded = {one for one in listed if isinstance(one, str)} if isinstance(listed, list) else set()
        return [entry.id for entry in entries if entry.id not in recorded]
