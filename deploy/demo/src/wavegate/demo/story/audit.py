"""The API server's audit log: who changed what. It is the witness that no service can talk round."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from wavegate.demo.story.evidence import AuditEntry, JsonObject

WRITES = frozenset({"create", "update", "patch", "delete"})
HASH_KEY = "rollouts-pod-template-hash"


def parsed(line: str) -> AuditEntry | None:
    """Read one line of the log; None unless it is a write that was carried out."""
    try:
        said = json.loads(line)
        if said["stage"] != "ResponseComplete" or said["verb"] not in WRITES:
            return None
        if said.get("responseStatus", {}).get("code", 500) >= 300:
            return None
        return _entry(said, said["objectRef"])
    except (ValueError, KeyError, TypeError):
        return None


def _entry(said: Mapping[str, Any], about: Mapping[str, Any]) -> AuditEntry:
    answered = said.get("responseObject") or {}
    return AuditEntry(
        time=datetime.fromisoformat(said["stageTimestamp"]),
        user=said["user"]["username"],
        verb=said["verb"],
        resource=about["resource"],
        namespace=about.get("namespace", ""),
        # A create names its object only in the body.
        name=about.get("name") or str((answered.get("metadata") or {}).get("name", "")),
        subresource=about.get("subresource", ""),
        dry_run="dryRun" in parse_qs(urlsplit(said["requestURI"]).query),
        object=said.get("responseObject"),
    )


@dataclass(frozen=True, slots=True)
class CoManagedWrite:
    """A write that touched an object which another controller co-manages; `changed` if a co-managed value moved."""

    entry: AuditEntry
    before: object
    after: object

    @property
    def changed(self) -> bool:
        """Whether the write moved what is not the writer's to move."""
        return self.before != self.after


def co_managed_writes(entries: Iterable[AuditEntry], user: str) -> tuple[CoManagedWrite, ...]:
    """Return a user's writes to objects with co-managed fields that others had written before, in their order.

    The values: a Service's pod-template hash, a VirtualService's weights, a Rollout's replicas (architecture §7). An
    entry without a body counts as changed: what cannot be seen is not proven.
    """
    last: dict[tuple[str, str, str], object] = {}
    found = []
    for entry in sorted(filter(_concerns, entries), key=lambda each: (each.time, _version(each.object))):
        key = (entry.resource, entry.namespace, entry.name)
        value = co_managed_value(entry.resource, entry.object) if entry.object is not None else _UNSEEN
        if entry.user == user and key in last:
            found.append(CoManagedWrite(entry, last[key], value))
        last[key] = value
    return tuple(found)


class _Unseen:
    """Equal to nothing, itself included."""

    def __eq__(self, _other: object) -> bool:
        return False

    __hash__ = object.__hash__


_UNSEEN = _Unseen()


def _concerns(entry: AuditEntry) -> bool:
    return entry.resource in _VALUES and entry.verb != "delete" and not entry.dry_run and entry.subresource == ""


def _version(obj: JsonObject | None) -> int:
    return int((obj or {}).get("metadata", {}).get("resourceVersion", 0))


def co_managed_value(resource: str, obj: JsonObject) -> object:
    """Return what another controller owns of an object, in a form that compares."""
    return _VALUES[resource](obj)


def weights(virtual_service: JsonObject) -> dict[str, int]:
    """Return the weight of each destination, by host; of the first route that names it."""
    found: dict[str, int] = {}
    for route in (virtual_service.get("spec") or {}).get("http") or ():
        for share in route.get("route") or ():
            found.setdefault(share["destination"]["host"], share.get("weight", 0))
    return found


def _hash(service: JsonObject) -> object:
    return ((service.get("spec") or {}).get("selector") or {}).get(HASH_KEY, "")


def _replicas(rollout: JsonObject) -> object:
    return (rollout.get("spec") or {}).get("replicas")


_VALUES = {"services": _hash, "virtualservices": weights, "rollouts": _replicas}
