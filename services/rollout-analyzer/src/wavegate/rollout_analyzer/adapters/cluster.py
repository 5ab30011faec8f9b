"""The cluster through shared watches: reads cost no call, our own writes are seen at once."""

import base64
from collections.abc import Callable, Mapping, Sequence

from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import StateConflict
from wavegate.kube.client import EVERYTHING, KubeClient, Selection
from wavegate.kube.errors import AlreadyExists, Conflict, NotFound, RefusedCall, UnknownKind
from wavegate.kube.resources import GroupVersionKind
from wavegate.kube.watch_cache import Change
from wavegate.kube.watches import SharedWatch, SharedWatches
from wavegate.rollout_analyzer.domain.actions import (
    CreateReplicaSet,
    CreateRun,
    Delete,
    NameTaken,
    Outcome,
    Patch,
    Patched,
    Refused,
    RunCreated,
)
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import HASH_LABEL, Json

ARGO = "argoproj.io"
KINDS: Mapping[str, GroupVersionKind] = {
    "Rollout": GroupVersionKind(ARGO, "v1alpha1", "Rollout"),
    "AnalysisRun": GroupVersionKind(ARGO, "v1alpha1", "AnalysisRun"),
    "AnalysisTemplate": GroupVersionKind(ARGO, "v1alpha1", "AnalysisTemplate"),
    "ClusterAnalysisTemplate": GroupVersionKind(ARGO, "v1alpha1", "ClusterAnalysisTemplate"),
    "ReplicaSet": GroupVersionKind("apps", "v1", "ReplicaSet"),
    "Service": GroupVersionKind("", "v1", "Service"),
}
ISTIO_KINDS = ("VirtualService", "DestinationRule")
ISTIO_VERSIONS = ("v1", "v1beta1", "v1alpha3")
SECRET = GroupVersionKind("", "v1", "Secret")

Callback = Callable[[str, Change], None]


class KubeCluster:
    """Implements the `Cluster` port. `on_change` is told of every change, with the kind that changed."""

    def __init__(self, client: KubeClient, watches: SharedWatches, on_change: Callback) -> None:
        self._client = client
        self._watches = watches
        self._on_change = on_change
        self._watched: dict[str, SharedWatch] = {}
        self._kinds = dict(KINDS)
        self._plain_status: set[str] = set()
        for kind, gvk in KINDS.items():
            self._follow(kind, gvk, Selection(labels=HASH_LABEL) if kind == "ReplicaSet" else EVERYTHING)

    def _follow(self, kind: str, gvk: GroupVersionKind, selection: Selection) -> None:
        watch = self._watches.watch(gvk, selection)
        self._watched[kind] = watch
        watch.on_change(lambda change: self._on_change(kind, change))

    def synced(self) -> bool:
        """Tell whether every kind that is watched from the start has been listed."""
        return all(self._watched[kind].synced.is_set() for kind in KINDS)

    def items(self, kind: str) -> Sequence[Json]:
        """Return all known objects of a kind."""
        return self._watched[kind].items() if kind in self._watched else ()

    def known(self, kind: str, key: str) -> Json | None:
        """Return the object of a key as last seen, without asking whether its kind is listed yet."""
        namespace, _, name = key.partition("/")
        return self._watched[kind].get(namespace, name)

    async def get(self, kind: str, namespace: str, name: str) -> Json | None:
        """Return an object as last seen."""
        return self._listed(kind).get(namespace, name)

    async def serves(self, kind: str) -> bool:
        """Tell whether the cluster knows a kind; Istio's are watched from the first time that somebody asks."""
        if kind in self._watched:
            return True
        if not await self._found(kind):
            return False
        for other in ISTIO_KINDS:
            if other not in self._watched and await self._found(other):
                self._follow(other, self._kinds[other], EVERYTHING)
        return kind in self._watched

    async def _found(self, kind: str) -> bool:
        for version in ISTIO_VERSIONS:
            gvk = GroupVersionKind("networking.istio.io", version, kind)
            try:
                await self._client.catalog.resolve(gvk)
            except UnknownKind:
                continue
            self._kinds[kind] = gvk
            return True
        return False

    async def owned(self, kind: str, namespace: str, owner_uid: str) -> Sequence[Json]:
        """Return the objects that an object controls."""
        return [one for one in self._in(kind, namespace) if _controller_uid(one) == owner_uid]

    async def names(self, kind: str, namespace: str) -> frozenset[str]:
        """Return the names of a kind's objects in a namespace."""
        return frozenset(str(one["metadata"]["name"]) for one in self._in(kind, namespace))

    def _in(self, kind: str, namespace: str) -> list[Json]:
        return [one for one in self._listed(kind).items() if one["metadata"].get("namespace") == namespace]

    def _listed(self, kind: str) -> SharedWatch:
        watch = self._watched.get(kind)
        if watch is None or not watch.synced.is_set():
            raise RetryLater(Reason.API_UNAVAILABLE, f"objects of kind {kind} are not listed yet", after_seconds=0.1)
        return watch

    async def secret_value(self, namespace: str, name: str, key: str) -> str | None:
        """Read one value; Secrets are never watched or kept."""
        try:
            secret = await self._client.get(SECRET, namespace, name)
        except NotFound:
            return None
        value = mapping(secret, "data").get(key)
        return base64.b64decode(value).decode("utf-8", errors="replace") if isinstance(value, str) else None

    async def perform(self, action: CreateReplicaSet | CreateRun | Patch | Delete) -> tuple[Outcome, ...]:
        """Do one thing."""
        if isinstance(action, Delete):
            return await self._delete(action)
        if isinstance(action, Patch):
            return await self._patch(action)
        return await self._create(action.manifest)

    async def _create(self, manifest: Json) -> tuple[Outcome, ...]:
        kind, metadata = str(manifest["kind"]), manifest["metadata"]
        name, namespace = str(metadata["name"]), str(metadata["namespace"])
        try:
            live = await self._client.create(manifest)
        except AlreadyExists:
            live = await self._client.get(self._kinds[kind], namespace, name)
        except RefusedCall as refused:
            return (Refused(kind, name, refused.message),)
        self._watched[kind].put(live)
        if _controller_uid(live) != _controller_uid(manifest):
            return (NameTaken(kind, name),)
        return (RunCreated(name),) if kind == "AnalysisRun" else ()

    async def _patch(self, action: Patch) -> tuple[Outcome, ...]:
        metadata = {**mapping(action.body, "metadata"), "resourceVersion": action.version}
        body = {**action.body, "metadata": metadata}
        try:
            live = await self._write(action, body)
        except Conflict:
            await self._refresh(action)
            raise StateConflict(f"{action.kind} {action.namespace}/{action.name}") from None
        except NotFound:
            message = f"{action.kind} {action.namespace}/{action.name} is gone"
            raise RetryLater(Reason.OBJECT_MISSING, message, after_seconds=0.5) from None
        except RefusedCall as refused:
            return (Refused(action.kind, action.name, refused.message),)
        self._watched[action.kind].put(live)
        return (Patched(action),)

    async def _write(self, action: Patch, body: Json) -> Json:
        """Patch; a status goes to its subresource where the kind has one (Argo's AnalysisRun has none)."""
        gvk, subresource = self._kinds[action.kind], action.subresource or None
        if subresource and action.kind not in self._plain_status:
            try:
                return await self._client.patch(gvk, action.namespace, action.name, body, subresource=subresource)
            except (NotFound, UnknownKind):
                live = await self._client.patch(gvk, action.namespace, action.name, body)
                self._plain_status.add(action.kind)
                return live
        return await self._client.patch(gvk, action.namespace, action.name, body)

    async def _refresh(self, action: Patch) -> None:
        """See an object as it is now, so that the next decision is not made on the version that was refused."""
        try:
            self._watched[action.kind].put(
                await self._client.get(self._kinds[action.kind], action.namespace, action.name)
            )
        except NotFound:
            return

    async def _delete(self, action: Delete) -> tuple[Outcome, ...]:
        try:
            live = await self._client.delete(self._kinds[action.kind], action.namespace, action.name)
        except (NotFound, Conflict):
            return ()
        if live.get("kind") == action.kind:
            self._watched[action.kind].put(live)
        return ()


def _controller_uid(live: Json) -> str:
    references = mapping(live, "metadata").get("ownerReferences")
    for one in references if isinstance(references, list) else []:
        if isinstance(one, dict) and one.get("controller"):
            return str(one.get("uid", ""))
    return ""
