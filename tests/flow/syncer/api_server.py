"""An API server in memory: versions, server-side apply in small, preconditions, and a watch that may lag behind.

It implements the syncer's `Cluster` port. `fuse` is burnt at every call, so that a test can let the process die anywhere; a
process that is stopped instead leaves its write in `late`, to land whenever the test likes.
"""

import copy
import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from wavegate.contracts.reasons import Reason
from wavegate.manifests.comanaged import CO_MANAGERS
from wavegate.manifests.identity import (
    GroupKind,
    JsonObject,
    ObjectKey,
    group_kind_of,
    intent_of,
    key_of,
    owner_of,
    tracking_of,
)
from wavegate.syncer.domain.actions import Refusal
from wavegate.syncer.ports import Absent, Kind, Refused, Stale

MANAGER = "wavegate-syncer"
CLUSTER_SCOPED = {"Namespace", "ClusterRole", "CustomResourceDefinition"}
_SERVER_SIDE = ("uid", "resourceVersion", "managedFields", "generation", "deletionTimestamp")


class Crash(BaseException):
    """kill -9."""


class Fuse:
    """Burns down with every step; when it is out, the process dies once."""

    def __init__(self) -> None:
        self.left: int | None = None

    def step(self) -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            raise Crash


class ApiServer:
    """What is stored."""

    def __init__(self) -> None:
        self.objects: dict[ObjectKey, JsonObject] = {}
        self.writes: list[tuple[str, ObjectKey, int]] = []
        self.refusals: dict[ObjectKey, str] = {}
        self.unserved: set[str] = set()
        self.finalized: set[ObjectKey] = set()
        self.on_write: Callable[[str, ObjectKey, JsonObject], None] = lambda _verb, _key, _obj: None
        self._numbers = itertools.count(100)

    def stored(self, key: ObjectKey) -> JsonObject | None:
        return self.objects.get(key)

    def apply(
        self, body: JsonObject, *, uid: str | None = None, version: str | None = None, dry: bool = False
    ) -> JsonObject:
        key = key_of(body)
        if key in self.refusals:
            raise Refused(Refusal(Reason.API_REFUSED, f"apply {key}: {self.refusals[key]}"))
        old = self.objects.get(key)
        if version is not None and old is not None and old["metadata"]["resourceVersion"] != version:
            raise Stale
        if uid is not None and (old is None or old["metadata"]["uid"] != uid):
            raise Stale
        new = self._merged(old, body)
        if dry:
            return new
        if old is not None and _contents(old) == _contents(new):
            return copy.deepcopy(old)
        self._store("apply", key, new)
        return copy.deepcopy(new)

    def edit(self, key: ObjectKey, change: Callable[[JsonObject], None], manager: str = "kubectl-edit") -> None:
        """Somebody else writes; what changes is theirs."""
        new = copy.deepcopy(self.objects[key])
        change(new)
        new["metadata"]["managedFields"] = [
            *_without_changed(self.objects[key], new),
            {"manager": manager, "operation": "Update", "time": "2026-01-01T00:00:00Z", "fieldsV1": {}},
        ]
        self._store("edit", key, new)

    def set_status(self, key: ObjectKey, **status: Any) -> None:
        """A controller reports."""
        new = {**copy.deepcopy(self.objects[key]), "status": status}
        self._store("status", key, new)

    def mark(self, live: JsonObject, annotations: Mapping[str, str]) -> JsonObject:
        old = self.objects.get(key_of(live))
        if old is None:
            raise Absent
        if old["metadata"]["resourceVersion"] != live["metadata"]["resourceVersion"]:
            raise Stale
        new = copy.deepcopy(old)
        new["metadata"].setdefault("annotations", {}).update(annotations)
        self._store("mark", key_of(live), new)
        return copy.deepcopy(new)

    def delete(self, live: JsonObject) -> None:
        key = key_of(live)
        old = self.objects.get(key)
        if old is None or old["metadata"]["uid"] != live["metadata"]["uid"]:
            raise Absent
        if old["metadata"]["resourceVersion"] != live["metadata"]["resourceVersion"]:
            raise Stale
        self.writes.append(("delete", key, intent_of(old)))
        if key in self.finalized:
            self._store("terminating", key, _terminating(old))
        else:
            self.remove(key)

    def remove(self, key: ObjectKey) -> None:
        self.objects.pop(key, None)

    def _merged(self, old: JsonObject | None, body: JsonObject) -> JsonObject:
        owned = _owned_by(old, MANAGER) if old is not None else {}
        base = _drop(copy.deepcopy(old), owned, body) if old is not None else {}
        new = _overlaid(base, copy.deepcopy(body))
        metadata = new["metadata"]
        metadata["uid"] = old["metadata"]["uid"] if old is not None else f"uid-{next(self._numbers)}"
        metadata["resourceVersion"] = old["metadata"]["resourceVersion"] if old is not None else "0"
        others = [e for e in (old or {}).get("metadata", {}).get("managedFields", []) if e["manager"] != MANAGER]
        metadata["managedFields"] = [
            *others,
            {"manager": MANAGER, "operation": "Apply", "fieldsV1": _fields(body), "time": "2026-01-01T00:00:00Z"},
        ]
        if old is None or _contents(old).get("spec") != _contents(new).get("spec"):
            metadata["generation"] = (old["metadata"].get("generation", 0) if old is not None else 0) + 1
        return new

    def _store(self, verb: str, key: ObjectKey, new: JsonObject) -> None:
        new["metadata"]["resourceVersion"] = str(next(self._numbers))
        self.on_write(verb, key, new)
        self.objects[key] = new
        if verb in {"apply", "mark"}:
            self.writes.append((verb, key, intent_of(new)))


def _contents(obj: JsonObject) -> JsonObject:
    metadata = {name: value for name, value in obj["metadata"].items() if name not in _SERVER_SIDE}
    return {**obj, "metadata": metadata}


def _terminating(obj: JsonObject) -> JsonObject:
    new = copy.deepcopy(obj)
    new["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    return new


def _fields(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {}
    return {
        f"f:{name}": _fields(child)
        for name, child in value.items()
        if name not in {"apiVersion", "kind", "name", "namespace"} or not isinstance(child, str)
    }


def _owned_by(obj: JsonObject, manager: str) -> dict[str, Any]:
    entries = obj["metadata"].get("managedFields", [])
    return next((entry["fieldsV1"] for entry in entries if entry["manager"] == manager), {})


def _drop(obj: Any, owned: Mapping[str, Any], body: Any) -> Any:
    """What we owned and do not apply any more goes."""
    for name, deeper in owned.items():
        key = name.removeprefix("f:")
        if key not in obj:
            continue
        if not isinstance(body, dict) or key not in body:
            del obj[key]
        elif deeper and isinstance(obj[key], dict):
            _drop(obj[key], deeper, body[key])
    return obj


def _overlaid(base: Any, over: Any) -> Any:
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{key: _overlaid(base.get(key), child) for key, child in over.items()}}
    return over


def _without_changed(old: JsonObject, new: JsonObject) -> list[JsonObject]:
    """The book of owners after somebody else's change: what changed is not ours any more."""
    entries = copy.deepcopy(old["metadata"].get("managedFields", []))
    for entry in entries:
        _strip(entry["fieldsV1"], old, new)
    return entries


def _strip(fields: dict[str, Any], old: Any, new: Any) -> None:
    for name in list(fields):
        key = name.removeprefix("f:")
        before, after = old.get(key), new.get(key) if isinstance(new, dict) else None
        if before == after:
            continue
        if fields[name] and isinstance(before, dict) and isinstance(after, dict):
            _strip(fields[name], before, after)
        else:
            del fields[name]


class WatchedCluster:
    """The port: one process's view of the server. Its watch sees other writers' changes when `catch_up` is called."""

    def __init__(self, server: ApiServer, fuse: Fuse) -> None:
        self.server = server
        self.fuse = fuse
        self.late: list[Callable[[], Any]] = []
        self.propagations: list[str] = []
        self.stops_instead = False
        self.stops_before_writing = False
        self._seen: dict[ObjectKey, JsonObject] = {}
        self.catch_up()

    def catch_up(self) -> None:
        self._seen = {key: copy.deepcopy(obj) for key, obj in self.server.objects.items()}

    async def follow(self, kinds: Collection[Kind], bare: Collection[GroupKind]) -> Mapping[Kind, bool]:
        return {kind: kind[1] not in self.server.unserved for kind in kinds}

    def namespaced(self, kind: GroupKind) -> bool | None:
        return None if kind.kind in self.server.unserved else kind.kind not in CLUSTER_SCOPED

    def live(self, kind: Kind, key: ObjectKey, asker: str) -> JsonObject | None:
        return self._seen.get(key)

    def marked(self, application: str) -> Iterable[JsonObject]:
        for obj in self._seen.values():
            tracking = tracking_of(obj)
            if tracking is not None and tracking.application == application:
                yield obj

    def co_managers(self, namespaces: Collection[str]) -> Iterable[JsonObject]:
        return [obj for obj in self._seen.values() if group_kind_of(obj) in CO_MANAGERS]

    async def try_out(self, body: JsonObject, *, lenient: bool) -> JsonObject:
        self.fuse.step()
        return self.server.apply(body, dry=True)

    async def create(self, body: JsonObject, *, lenient: bool) -> JsonObject:
        return self._kept(self._write(lambda: self.server.apply(body, version="1")))

    async def apply(self, body: JsonObject, live: JsonObject, *, lenient: bool) -> JsonObject:
        metadata = live["metadata"]
        uid, version = metadata["uid"], metadata["resourceVersion"]
        return self._kept(self._write(lambda: self.server.apply(body, uid=uid, version=version)))

    async def mark(self, live: JsonObject, annotations: Mapping[str, str]) -> JsonObject:
        return self._kept(self._write(lambda: self.server.mark(live, annotations)))

    async def read(self, body: JsonObject) -> JsonObject | None:
        self.fuse.step()
        found = copy.deepcopy(self.server.stored(key_of(body)))
        if found is None:
            self._seen.pop(key_of(body), None)
            return None
        return self._kept(found)

    async def delete(self, live: JsonObject, propagation: str) -> None:
        self.propagations.append(propagation)
        self._write(lambda: self.server.delete(live))
        after = self.server.stored(key_of(live))
        if after is None:
            self._seen.pop(key_of(live), None)
        else:
            self._kept(copy.deepcopy(after))

    def _write(self, call: Callable[[], Any]) -> Any:
        """Die before the write, or after it; a stopped process's write is sent later, or never."""
        if self.stops_before_writing:
            self.late.append(call)
            raise Crash
        try:
            self.fuse.step()
        except Crash:
            if self.stops_instead:
                self.late.append(call)
            raise
        answer = call()
        self.fuse.step()
        return answer

    def _kept(self, obj: JsonObject) -> JsonObject:
        self._seen[key_of(obj)] = copy.deepcopy(obj)
        return obj


def owned(server: ApiServer, application: str) -> dict[ObjectKey, JsonObject]:
    """The objects that belong to an application."""
    return {key: obj for key, obj in server.objects.items() if owner_of(obj) == application}
