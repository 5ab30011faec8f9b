"""Carrying out what was decided, under the fence (architecture §4).

A write goes to the object at the version that was seen *before* the fence was looked at; whoever raised the fence since has
written, or will write, every object that matters, so a late write finds another version and is refused. Then the object and
the fence are read again: the write is repeated under the same intent, or everything starts over under the new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import StateConflict
from wavegate.manifests.identity import JsonObject, intent_of, metadata_of, owner_of
from wavegate.syncer.domain.actions import (
    Action,
    Apply,
    Delete,
    DryRun,
    Fenced,
    Outcome,
    Refusal,
    Removal,
    Removed,
    Report,
    Reported,
    Tried,
    Unremoved,
    Unwritten,
    Write,
    Written,
)
from wavegate.syncer.domain.writing import body_of
from wavegate.syncer.ports import Absent, Cluster, Fence, Parallel, Records, Refused, Stale

AT_ONCE = 16
"""Calls to the API server at a time, for one application."""
ATTEMPTS = 8
"""How often an object that changes under our hands is looked at again before it is given up."""


@dataclass
class Actor:
    """Acts on the cluster and on Applications."""

    records: Records
    cluster: Cluster
    fence: Fence
    parallel: Parallel

    async def act(self, key: str, actions: Sequence[Action]) -> list[Outcome]:
        """Do everything, in order, and return what came of it."""
        outcomes: list[Outcome] = []
        for action in actions:
            match action:
                case DryRun(writes):
                    outcomes += await self.parallel.each(self._try, writes, AT_ONCE)
                case Apply(intent, groups):
                    await self._check(key, intent)
                    for group in groups:
                        outcomes += await self._apply_group(key, intent, group)
                case Delete(intent, removals, propagation):
                    await self._check(key, intent)
                    outcomes += await self._delete_all(key, intent, removals, propagation)
                case Report(patch):
                    await self.records.report(key, patch)
                    outcomes.append(Reported())
        return outcomes

    async def _check(self, key: str, intent: int) -> None:
        """Go on only under the stored fence.

        Raises:
            StateConflict: Another intent was accepted: decide again on what is stored.
        """
        current = await self.fence.current(key)
        if current != intent:
            raise StateConflict(f"{key}: intent {intent} was fenced by {current}")

    async def _try(self, write: Write) -> Outcome:
        try:
            return Tried(write.key, predicted=await self.cluster.try_out(body_of(write), lenient=write.lenient))
        except Refused as refused:
            return Tried(write.key, refusal=refused.refusal)

    async def _apply_group(self, key: str, intent: int, group: Sequence[Write]) -> list[Outcome]:
        async def apply(write: Write) -> Outcome:
            return await self._write(key, intent, write)

        return await self.parallel.each(apply, group, AT_ONCE)

    async def _write(self, key: str, intent: int, write: Write) -> Outcome:
        for _ in range(ATTEMPTS):
            try:
                return Written(write.key, await self._send(write), _change(write))
            except Refused as refused:
                return Unwritten(write.key, refused.refusal)
            except (Stale, Absent):
                write = await self._looked_again(write)
            if write.live is not None and (by := intent_of(write.live)) > intent:
                return Fenced(by)
            await self._check(key, intent)
        return Unwritten(write.key, _busy("written"))

    async def _send(self, write: Write) -> JsonObject:
        if write.live is None:
            return await self.cluster.create(body_of(write), lenient=write.lenient)
        if write.stamp_only:
            return await self.cluster.mark(write.live, write.annotations)
        return await self.cluster.apply(body_of(write), write.live, lenient=write.lenient)

    async def _looked_again(self, write: Write) -> Write:
        """An object that changed is applied in full: whether it still stands as wanted has to be decided anew."""
        return replace(write, live=await self.cluster.read(write.manifest), stamp_only=False)

    async def _delete_all(self, key: str, intent: int, removals: Sequence[Removal], propagation: str) -> list[Outcome]:
        async def delete(removal: Removal) -> Outcome:
            return await self._delete(key, intent, removal, propagation)

        return await self.parallel.each(delete, removals, AT_ONCE)

    async def _delete(self, key: str, intent: int, removal: Removal, propagation: str) -> Outcome:
        live: JsonObject | None = removal.live
        uid = metadata_of(removal.live).get("uid")
        for _ in range(ATTEMPTS):
            if live is None or metadata_of(live).get("uid") != uid or owner_of(live) != owner_of(removal.live):
                return Removed(removal.key)
            if (by := intent_of(live)) > intent:
                return Fenced(by)
            try:
                await self.cluster.delete(live, propagation)
            except Absent:
                return Removed(removal.key)
            except Refused as refused:
                return Unremoved(removal.key, refused.refusal)
            except Stale:
                live = await self.cluster.read(live)
                await self._check(key, intent)
            else:
                return Removed(removal.key)
        return Unremoved(removal.key, _busy("deleted"))


def _change(write: Write) -> str:
    if write.live is None:
        return "created"
    return "unchanged" if write.stamp_only else "configured"


def _busy(done: str) -> Refusal:
    return Refusal(Reason.API_REFUSED, f"the object changed {ATTEMPTS} times while it was to be {done}")
