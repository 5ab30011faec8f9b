"""The cluster's API server: what lives there by shared watches, and the writes.

Creating is a server-side apply under a resource version that no object can have: on a missing object it creates, owning the
fields as an apply does, and on an existing one it conflicts. A POST would own them as an update, and a field that Git drops
later would stay for ever. Updating names uid and resource version, so it never brings back what was deleted meanwhile.
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import get_args

from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.kube import (
    AlreadyExists,
    ApiResource,
    Conflict,
    DeleteOptions,
    GroupVersionKind,
    KubeClient,
    NotFound,
    SharedWatches,
    Unavailable,
    UnknownKind,
    WriteOptions,
)
from wavegate.kube.errors import RefusedCall
from wavegate.kube.write_options import Propagation
from wavegate.manifests.comanaged import CO_MANAGERS
from wavegate.manifests.identity import GroupKind, JsonObject, ObjectKey, metadata_of, tracking_of
from wavegate.syncer.adapters.living import Living, Touched, trimmed
from wavegate.syncer.domain.actions import Refusal
from wavegate.syncer.ports import Absent, Kind, Refused, Stale

NO_OBJECT_HAS_THIS_VERSION = "1"
FIRST_LIST_SECONDS = 20.0
_PROPAGATIONS: Mapping[str, Propagation] = {name: name for name in get_args(Propagation)}
LOOK_FOR_KINDS_SECONDS = 30.0
"""How long a kind that is not served is taken to stay so, where only its absence matters little."""


class KubeCluster:
    """One cluster."""

    def __init__(self, client: KubeClient, watches: SharedWatches, touched: Touched) -> None:
        self._client = client
        self._watches = watches
        self._living = Living(touched)
        self._preferred: dict[GroupKind, GroupVersionKind] = {}
        self._unserved: dict[GroupKind, float] = {}
        self._resources: tuple[ApiResource, ...] = ()
        self._scopes: dict[GroupKind, bool] = {}

    async def follow(self, kinds: Collection[Kind], bare: Collection[GroupKind]) -> Mapping[Kind, bool]:
        """Follow kinds, each once; say which are served."""
        for kind in bare:
            gvk = await self._in_preferred_version(kind)
            if gvk is not None:
                await self._follow(gvk)
        return {kind: await self._follow(GroupVersionKind.parse(*kind)) for kind in kinds}

    async def _in_preferred_version(self, kind: GroupKind) -> GroupVersionKind | None:
        known = self._preferred.get(kind)
        if known is not None or time.monotonic() < self._unserved.get(kind, 0.0):
            return known
        try:
            resource = await self._client.catalog.preferred(kind.group, kind.kind)
        except UnknownKind:
            self._unserved[kind] = time.monotonic() + LOOK_FOR_KINDS_SECONDS
            return None
        self._preferred[kind] = resource.gvk
        return resource.gvk

    async def _follow(self, gvk: GroupVersionKind) -> bool:
        try:
            resource = await self._client.catalog.resolve(gvk)
        except UnknownKind:
            return False
        if self._living.follows(gvk) or not {"list", "watch"} <= resource.verbs:
            return True
        watch = self._watches.watch(gvk, transform=trimmed)
        try:
            await asyncio.wait_for(watch.synced.wait(), FIRST_LIST_SECONDS)
        except TimeoutError as error:
            raise RetryLater(Reason.API_UNAVAILABLE, f"{gvk} could not be listed yet") from error
        if not self._living.follows(gvk):
            self._living.follow(gvk, watch)
        return True

    def namespaced(self, kind: GroupKind) -> bool | None:
        """Say whether a kind's objects have namespaces."""
        resources = self._client.catalog.resources()
        if len(resources) != len(self._resources) or resources != self._resources:
            self._resources = resources
            self._scopes = {GroupKind(one.gvk.group, one.gvk.kind): one.namespaced for one in resources}
        return self._scopes.get(kind)

    def live(self, kind: Kind, key: ObjectKey, asker: str) -> JsonObject | None:
        """Return an object from memory."""
        return self._living.get(GroupVersionKind.parse(*kind), key, asker)

    def marked(self, application: str) -> Iterable[JsonObject]:
        """Return an application's objects from memory."""
        return self._living.marked(application)

    def co_managers(self, namespaces: Collection[str]) -> Iterable[JsonObject]:
        """Return Rollouts and autoscalers from memory."""
        served = [self._preferred[kind] for kind in CO_MANAGERS if kind in self._preferred]
        return self._living.within(served, namespaces)

    async def try_out(self, body: JsonObject, *, lenient: bool) -> JsonObject:
        """Dry-run an apply."""
        with _answers(writing=True):
            return await self._client.apply(body, _options(lenient=lenient, dry_run=True))

    async def create(self, body: JsonObject, *, lenient: bool) -> JsonObject:
        """Create an object unless one stands."""
        with _answers(writing=True):
            options = _options(lenient=lenient)
            made = await self._client.apply(body, options, resource_version=NO_OBJECT_HAS_THIS_VERSION)
        return self._kept(made, body)

    async def apply(self, body: JsonObject, live: JsonObject, *, lenient: bool) -> JsonObject:
        """Apply to this object at this version."""
        metadata = metadata_of(live)
        exact = {**body, "metadata": {**metadata_of(body), "uid": metadata["uid"]}}
        with _answers(writing=True):
            options = _options(lenient=lenient)
            made = await self._client.apply(exact, options, resource_version=str(metadata["resourceVersion"]))
        return self._kept(made, body)

    async def mark(self, live: JsonObject, annotations: Mapping[str, str]) -> JsonObject:
        """Set annotations on this object at this version."""
        gvk, metadata = GroupVersionKind.of(live), metadata_of(live)
        patch = {
            "metadata": {
                "annotations": dict(annotations),
                "uid": metadata["uid"],
                "resourceVersion": metadata["resourceVersion"],
            }
        }
        with _answers():
            made = await self._client.patch(gvk, metadata.get("namespace"), str(metadata["name"]), patch)
        return self._kept(made, live)

    async def read(self, body: JsonObject) -> JsonObject | None:
        """Read an object from the API server."""
        metadata = metadata_of(body)
        try:
            found = await self._client.get(GroupVersionKind.of(body), metadata.get("namespace"), str(metadata["name"]))
        except (NotFound, UnknownKind):
            return None
        return self._kept(found, body)

    async def delete(self, live: JsonObject, propagation: str) -> None:
        """Delete this object at this version."""
        gvk, metadata = GroupVersionKind.of(live), metadata_of(live)
        options = DeleteOptions(
            uid=str(metadata["uid"]),
            resource_version=str(metadata["resourceVersion"]),
            propagation=_PROPAGATIONS.get(propagation, "Foreground"),
        )
        with _answers():
            answer = await self._client.delete(gvk, metadata.get("namespace"), str(metadata["name"]), options)
        if answer.get("kind") == "Status":
            self._living.drop(live)
        else:
            self._kept(answer, live)

    def _kept(self, item: JsonObject, asked: JsonObject) -> JsonObject:
        """Keep an answer; `asked` is what was sent or asked about, which bears the mark of who did."""
        tracking = tracking_of(asked)
        self._living.put(item, tracking.application if tracking is not None else "")
        return item


@contextmanager
def _answers(*, writing: bool = False) -> Iterator[None]:
    """Translate the API server's answers into the port's.

    What is absent while an apply is made is not the object but what it needs: its namespace. A webhook that fails is told
    as the refusal of an object, not waited for as if the API server were away.
    """
    try:
        yield
    except (Conflict, AlreadyExists) as error:
        raise Stale(error.refusal.message) from error
    except NotFound as error:
        if writing:
            raise Refused(Refusal(Reason.API_REFUSED, error.refusal.message)) from error
        raise Absent(error.refusal.message) from error
    except RefusedCall as error:
        raise Refused(Refusal(error.reason, error.message)) from error
    except Unavailable as error:
        if error.refusal.status == 500:
            raise Refused(Refusal(Reason.API_REFUSED, error.message)) from error
        raise


def _options(*, lenient: bool, dry_run: bool = False) -> WriteOptions:
    return WriteOptions(dry_run=dry_run, force=True, validation="Ignore" if lenient else "Strict")
