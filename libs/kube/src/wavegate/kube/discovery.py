"""Which types the cluster serves, and under which paths.

Aggregated discovery gives all of it in two calls. A type that is not known is looked up again, at most once in a while:
custom resources appear while a sync runs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wavegate.kube.connection import Call, Connection, json_of
from wavegate.kube.errors import Refusal, UnknownKind, error_of
from wavegate.kube.refusals import refusal_of
from wavegate.kube.resources import ApiResource, GroupVersionKind

AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
)


class ApiCatalog:
    """The served types, refreshed on demand."""

    def __init__(
        self, connection: Connection, *, refresh_seconds: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection = connection
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._refreshed_at = float("-inf")
        self._refreshing = asyncio.Lock()
        self._resources: dict[GroupVersionKind, ApiResource] = {}

    async def resolve(self, gvk: GroupVersionKind) -> ApiResource:
        """The resource that serves a type.

        Raises:
            UnknownKind: the cluster does not serve it, as of at most `refresh_seconds` ago.
            Unavailable: discovery failed.
        """
        known = self._resources.get(gvk)
        if known is None:
            await self.refresh(older_than=self._refresh_seconds)
            known = self._resources.get(gvk)
        if known is None:
            raise UnknownKind(Refusal(404, "", f"the cluster does not serve {gvk}"))
        return known

    async def preferred(self, group: str, kind: str) -> ApiResource:
        """The resource in the version that the API server prefers.

        Raises:
            UnknownKind: the cluster does not serve the kind in any version.
        """
        for attempt in range(2):
            if attempt:
                await self.refresh(older_than=self._refresh_seconds)
            for gvk, resource in self._resources.items():
                if (gvk.group, gvk.kind) == (group, kind):
                    return resource
        raise UnknownKind(Refusal(404, "", f"the cluster does not serve {group}/{kind}"))

    def resources(self) -> tuple[ApiResource, ...]:
        """All types known now, each group's preferred version first."""
        return tuple(self._resources.values())

    async def api_versions(self, *, older_than: float = 60.0) -> tuple[str, ...]:
        """What Argo CD gives Helm as `.Capabilities.APIVersions`: each group/version, and each with its kinds, sorted.

        Args:
            older_than: seconds after which the list is read again.
        """
        await self.refresh(older_than=older_than)
        versions = {gvk.api_version for gvk in self._resources}
        return tuple(sorted(versions | {f"{gvk.api_version}/{gvk.kind}" for gvk in self._resources}))

    def forget(self, gvk: GroupVersionKind) -> None:
        """Drop a type whose path is not served any more."""
        self._resources.pop(gvk, None)

    async def refresh(self, *, older_than: float = 0.0) -> None:
        """Read discovery again unless it is younger than `older_than` seconds; callers meanwhile share one reading."""
        async with self._refreshing:
            if self._clock() - self._refreshed_at < older_than:
                return
            core, groups = await asyncio.gather(self._read("/api"), self._read("/apis"))
            self._resources = {resource.gvk: resource for document in (core, groups) for resource in served(document)}
            self._refreshed_at = self._clock()

    async def _read(self, path: str) -> Mapping[str, Any]:
        call = Call("GET", path, f"discover {path}", {}, accept=AGGREGATED)
        answer = await self._connection.call(call)
        if answer.status != 200:
            raise error_of(refusal_of(answer.status, answer.body, answer.headers.get("Retry-After"), call.what))
        return json_of(answer, call.what)


def served(document: Mapping[str, Any]) -> Iterator[ApiResource]:
    """The resources in an `APIGroupDiscoveryList`, in its order of preference."""
    for group in document.get("items", ()):
        name = group.get("metadata", {}).get("name", "")
        for version in group.get("versions", ()):
            for resource in version.get("resources", ()):
                yield _resource(name, version["version"], resource)


def _resource(group: str, version: str, resource: Mapping[str, Any]) -> ApiResource:
    kind = resource.get("responseKind") or {}
    return ApiResource(
        gvk=GroupVersionKind(group, version, kind.get("kind") or resource["resource"]),
        plural=resource["resource"],
        namespaced=resource.get("scope") == "Namespaced",
        verbs=frozenset(resource.get("verbs", ())),
        short_names=tuple(resource.get("shortNames", ())),
    )
