"""Our own state objects (architecture §3): compare-and-set on resourceVersion, through the status subresource.

An object is created without a status, then its status is written under the version just created. A crash between the two
leaves an object without state, which reads as none and is filled by the next write.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import OutboxEntry, StateConflict, Stored
from wavegate.kube.client import KubeClient, Selection
from wavegate.kube.errors import AlreadyExists, Conflict, NotFound
from wavegate.kube.resources import GroupVersionKind, JsonObject
from wavegate.kube.write_options import DeleteOptions

StateT = TypeVar("StateT", bound=BaseModel)

LARGEST = 1024 * 1024
"""Bytes of a status. etcd takes 1.5 MiB with everything around it."""


@dataclass(frozen=True, slots=True)
class Owner:
    """The object that a state object serves and is garbage-collected with."""

    api_version: str
    kind: str
    name: str
    uid: str

    def reference(self) -> JsonObject:
        """The `ownerReferences` entry."""
        return {"apiVersion": self.api_version, "kind": self.kind, "name": self.name, "uid": self.uid}


@dataclass(frozen=True, slots=True)
class _Known(Generic[StateT]):
    stored: Stored[StateT]
    owner_uid: str


class KubeStateStore(Generic[StateT]):
    """State objects of one kind, keyed `<namespace>/<name>`.

    What was last read or written is remembered, so that the common path is one PUT; whoever else wrote shows as a
    `StateConflict`, after which the object is read again.
    """

    def __init__(
        self,
        client: KubeClient,
        gvk: GroupVersionKind,
        model: type[StateT],
        owner: Callable[[str], Owner | None],
    ) -> None:
        self._client = client
        self._gvk = gvk
        self._model = model
        self._owner = owner
        self._known: dict[str, _Known[StateT]] = {}

    async def read(self, key: str) -> Stored[StateT] | None:
        """The state of `key`; None when there is none, or only that of an earlier object of the same name.

        Raises:
            Rejected: what is stored does not fit the model.
        """
        owner_uid = self._owner_uid(key)
        known = self._known.get(key)
        if known is not None and known.owner_uid == owner_uid:
            return known.stored
        namespace, name = split_key(key)
        try:
            found = await self._client.get(self._gvk, namespace, name)
        except NotFound:
            self.forget(key)
            return None
        return self._remember(key, found, owner_uid)

    async def read_all(self, namespace: str) -> dict[str, Stored[StateT]]:
        """Every state in a namespace, read in one go; what is read is remembered."""
        listed = await self._client.list(self._gvk, Selection(namespace))
        states: dict[str, Stored[StateT]] = {}
        for item in listed.items:
            key = f"{item['metadata']['namespace']}/{item['metadata']['name']}"
            stored = self._remember(key, item, self._owner_uid(key))
            if stored is not None:
                states[key] = stored
        return states

    async def write(self, key: str, state: StateT, outbox: tuple[OutboxEntry, ...], version: str | None) -> str:
        """Write state and outbox if the stored version is still `version`; None: if there is no state yet.

        Raises:
            StateConflict: somebody else wrote, or the object is gone.
            Rejected: the state exceeds 1 MiB.
        """
        status = self._status(key, state, outbox)
        try:
            written = await self._put_status(key, status, version or await self._created(key))
        except (Conflict, NotFound) as error:
            self.forget(key)
            raise StateConflict(key) from error
        stored = Stored(state, str(written["metadata"]["resourceVersion"]), outbox)
        self._known[key] = _Known(stored, self._owner_uid(key))
        return stored.version

    def forget(self, key: str) -> None:
        """Read `key` afresh next time: it belongs to another member now, or its object is gone."""
        self._known.pop(key, None)

    async def _created(self, key: str) -> str:
        """Create the object without a status, or find the one that a crash left; its version."""
        namespace, name = split_key(key)
        owner = self._owner(key)
        metadata: JsonObject = {"namespace": namespace, "name": name}
        if owner is not None:
            metadata["ownerReferences"] = [owner.reference()]
        try:
            made = await self._client.create(
                {"apiVersion": self._gvk.api_version, "kind": self._gvk.kind, "metadata": metadata}
            )
        except AlreadyExists:
            made = await self._client.get(self._gvk, namespace, name)
            await self._refuse_taken(key, made)
        return str(made["metadata"]["resourceVersion"])

    async def _refuse_taken(self, key: str, found: JsonObject) -> None:
        if owner_uid_of(found) != self._owner_uid(key):
            metadata = found["metadata"]
            options = DeleteOptions(uid=metadata["uid"], resource_version=metadata["resourceVersion"])
            await self._client.delete(self._gvk, metadata["namespace"], metadata["name"], options)
            raise StateConflict(f"{key}: the state of an earlier object was removed")
        if _state_in(found) is not None:
            raise StateConflict(key)

    async def _put_status(self, key: str, status: JsonObject, version: str) -> JsonObject:
        namespace, name = split_key(key)
        metadata = {"namespace": namespace, "name": name, "resourceVersion": version}
        return await self._client.replace_status(
            {"apiVersion": self._gvk.api_version, "kind": self._gvk.kind, "metadata": metadata, "status": status}
        )

    def _status(self, key: str, state: StateT, outbox: tuple[OutboxEntry, ...]) -> JsonObject:
        status = {
            "state": state.model_dump(mode="json", by_alias=True, exclude_none=True),
            "outbox": [entry.to_json() for entry in outbox],
        }
        size = len(json.dumps(status, separators=(",", ":"), ensure_ascii=False).encode())
        if size > LARGEST:
            raise Rejected(Reason.OBJECT_TOO_LARGE, f"{self._gvk.kind} {key} would hold {size} bytes, over {LARGEST}")
        return status

    def _remember(self, key: str, found: JsonObject, owner_uid: str) -> Stored[StateT] | None:
        self.forget(key)
        state = _state_in(found)
        if state is None or owner_uid_of(found) != owner_uid:
            return None
        stored = self._parsed(key, found, state)
        self._known[key] = _Known(stored, owner_uid)
        return stored

    def _parsed(self, key: str, found: JsonObject, state: Mapping[str, Any]) -> Stored[StateT]:
        try:
            outbox = tuple(OutboxEntry.read(entry) for entry in found["status"].get("outbox") or ())
            model = self._model.model_validate(state, extra="ignore")
        except ValidationError as error:
            raise Rejected(Reason.INVALID_SPEC, f"{self._gvk.kind} {key} cannot be read: {error}") from error
        return Stored(model, str(found["metadata"]["resourceVersion"]), outbox)

    def _owner_uid(self, key: str) -> str:
        owner = self._owner(key)
        return owner.uid if owner is not None else ""


def split_key(key: str) -> tuple[str, str]:
    """The namespace and the name in a key."""
    namespace, _, name = key.partition("/")
    return namespace, name


def owner_uid_of(found: Mapping[str, Any]) -> str:
    """The identity of the object that a state object serves, empty when it serves none."""
    references = found["metadata"].get("ownerReferences") or ()
    return str(references[0]["uid"]) if references else ""


def _state_in(found: Mapping[str, Any]) -> Mapping[str, Any] | None:
    state = (found.get("status") or {}).get("state")
    return state if isinstance(state, Mapping) else None
