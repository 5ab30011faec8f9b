"""Bundles from the object store as wanted objects, a bounded number of them kept."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from wavegate.contracts.bundles import decode
from wavegate.contracts.failures import Rejected
from wavegate.contracts.references import BundleRef
from wavegate.manifests.identity import GroupKind
from wavegate.syncer.domain.looking import BundleFault
from wavegate.syncer.domain.wanted import Placing, Wanted, wanted
from wavegate.syncer.ports import Bundles, Cluster

KEPT_BYTES = 16 << 20
"""How many bytes of bundles are kept in memory, as wanted objects. One bundle is kept however large it is."""


@dataclass
class BundleShelf:
    """Wanted objects by bundle, placing and what the API server says of their kinds; least recently used goes first."""

    bundles: Bundles
    cluster: Cluster
    kept_bytes: int = KEPT_BYTES
    _shelf: OrderedDict[tuple[str, Placing], tuple[int, dict[GroupKind, bool | None], Wanted]] = field(
        default_factory=OrderedDict
    )

    async def get(self, reference: BundleRef, placing: Placing) -> Wanted | BundleFault:
        """Return a bundle's objects, or why they cannot be had.

        Raises:
            RetryLater: The object store does not answer.
        """
        slot = (reference.digest, placing)
        known = self._shelf.get(slot)
        if known is not None and all(self.cluster.namespaced(kind) == scope for kind, scope in known[1].items()):
            self._shelf.move_to_end(slot)
            return known[2]
        try:
            objects = decode(await self.bundles.get(reference))
        except Rejected as failure:
            return BundleFault(failure.reason, failure.message)
        scopes: dict[GroupKind, bool | None] = {}
        result = wanted(objects, placing, lambda kind: scopes.setdefault(kind, self.cluster.namespaced(kind)))
        self._shelf[slot] = (reference.size, scopes, result)
        self._make_room()
        return result

    def _make_room(self) -> None:
        while len(self._shelf) > 1 and sum(size for size, _, _ in self._shelf.values()) > self.kept_bytes:
            self._shelf.popitem(last=False)
