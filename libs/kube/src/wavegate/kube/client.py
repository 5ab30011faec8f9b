"""Reads and writes of objects as plain JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wavegate.kube.connection import Answer, Call, Connection, ConnectionOptions, Refused, connected, json_of
from wavegate.kube.discovery import ApiCatalog
from wavegate.kube.documents import apply_document, json_document
from wavegate.kube.errors import Invalid, Refusal, UnknownKind, error_of
from wavegate.kube.refusals import names_an_object, refusal_of, without_secret
from wavegate.kube.resources import ApiResource, GroupVersionKind, JsonObject
from wavegate.kube.write_options import PLAIN, UNCONDITIONAL, DeleteOptions, WriteOptions

APPLY = "application/apply-patch+yaml; charset=utf-8"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
PAGE = 500


@dataclass(frozen=True, slots=True)
class Selection:
    """Which objects of a type: all of them, or those in a namespace, with labels, with field values."""

    namespace: str | None = None
    labels: str | None = None
    fields: str | None = None

    def query(self) -> dict[str, str]:
        """The selectors as query parameters."""
        given = {"labelSelector": self.labels, "fieldSelector": self.fields}
        return {name: value for name, value in given.items() if value}


EVERYTHING = Selection()


@dataclass(frozen=True, slots=True)
class ObjectList:
    """Objects as of one resource version of their collection."""

    items: tuple[JsonObject, ...]
    resource_version: str


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """One line of a watch: ADDED, MODIFIED, DELETED or BOOKMARK."""

    type: str
    object: JsonObject


class KubeClient:
    """One API server, one identity, one field manager.

    Every method raises the errors of `wavegate.kube.errors`: `NotFound`, `Conflict`, `AlreadyExists` to act on, and those
    that are failures by themselves.
    """

    def __init__(
        self, connection: Connection, field_manager: str, on_warning: Callable[[str], None] | None = None
    ) -> None:
        self.catalog = ApiCatalog(connection)
        self.field_manager = field_manager
        self._connection = connection
        self._on_warning = on_warning

    @classmethod
    @asynccontextmanager
    async def connect(
        cls,
        kubeconfig: Path | None,
        *,
        field_manager: str,
        options: ConnectionOptions | None = None,
        on_warning: Callable[[str], None] | None = None,
    ) -> AsyncIterator[KubeClient]:
        """Open a client for a kubeconfig's current context; None means the Pod's own service account.

        Raises:
            Rejected: the kubeconfig cannot be read, or gives up the verification of the server.
        """
        options = options or replace(ConnectionOptions(), user_agent=field_manager)
        async with connected(kubeconfig, options) as connection:
            yield cls(connection, field_manager, on_warning)

    async def get(
        self, gvk: GroupVersionKind, namespace: str | None, name: str, *, subresource: str | None = None
    ) -> JsonObject:
        """Read one object."""
        resource = await self.catalog.resolve(gvk)
        return await self._object("GET", resource, (namespace, name, subresource), {})

    async def list(self, gvk: GroupVersionKind, selection: Selection = EVERYTHING, *, page: int = PAGE) -> ObjectList:
        """Read all objects of a selection, page by page; each carries its `apiVersion` and `kind`.

        Raises:
            Gone: the pages took longer than the API server keeps their version: list again.
        """
        resource = await self.catalog.resolve(gvk)
        query = {**selection.query(), "limit": str(page)}
        items: list[JsonObject] = []
        while True:
            call = Call("GET", resource.collection_path(selection.namespace), f"list {gvk}", query)
            document = await self._document(call, resource)
            items += ({"apiVersion": gvk.api_version, "kind": gvk.kind, **item} for item in document.get("items") or ())
            metadata = document.get("metadata") or {}
            if not metadata.get("continue"):
                return ObjectList(tuple(items), str(metadata.get("resourceVersion", "")))
            query["continue"] = metadata["continue"]

    async def create(self, manifest: Mapping[str, Any], write: WriteOptions = PLAIN) -> JsonObject:
        """Create an object; `AlreadyExists` when one of its name stands."""
        resource = await self.catalog.resolve(_type_of(manifest))
        namespace, name = _place_of(manifest)
        if resource.namespaced and not namespace:
            raise Invalid(Refusal(0, "", f"create {resource.gvk} {name}: a namespaced object needs a namespace"))
        what = f"create {resource.gvk} {namespace or ''}/{name}"
        call = Call(
            "POST", resource.collection_path(namespace), what, self._write_query(write), json_document(manifest)
        )
        return await self._document(call, resource)

    async def create_subresource(
        self, gvk: GroupVersionKind, namespace: str | None, name: str, body: Mapping[str, Any], *, subresource: str
    ) -> JsonObject:
        """POST to a subresource, such as a Pod's `eviction`."""
        resource = await self.catalog.resolve(gvk)
        return await self._object("POST", resource, (namespace, name, subresource), {}, body)

    async def apply(
        self, manifest: Mapping[str, Any], write: WriteOptions = PLAIN, *, resource_version: str | None = None
    ) -> JsonObject:
        """Server-side apply.

        Args:
            manifest: the fields that we own, and only those.
            write: how.
            resource_version: what an *existing* object must stand at, else `Conflict`. A missing object is created all the
                same: use `create` where that would be wrong.
        """
        resource = await self.catalog.resolve(_type_of(manifest))
        namespace, name = _place_of(manifest)
        if resource_version is not None:
            manifest = {**manifest, "metadata": {**manifest["metadata"], "resourceVersion": resource_version}}
        query = self._write_query(write)
        if write.force:
            query["force"] = "true"
        what = f"apply {resource.gvk} {namespace or ''}/{name}"
        path = _path(resource, (namespace, name, None), what)
        call = Call("PATCH", path, what, query, apply_document(manifest), content_type=APPLY)
        return await self._document(call, resource)

    async def replace(self, manifest: Mapping[str, Any], write: WriteOptions = PLAIN) -> JsonObject:
        """Replace an object; `Conflict` when the manifest's `metadata.resourceVersion` is not the stored one."""
        return await self._replace(manifest, write, None)

    async def replace_status(self, manifest: Mapping[str, Any], write: WriteOptions = PLAIN) -> JsonObject:
        """Replace an object's status through its subresource, under the same condition."""
        return await self._replace(manifest, write, "status")

    async def _replace(self, manifest: Mapping[str, Any], write: WriteOptions, subresource: str | None) -> JsonObject:
        resource = await self.catalog.resolve(_type_of(manifest))
        place = (*_place_of(manifest), subresource)
        return await self._object("PUT", resource, place, self._write_query(write), manifest)

    async def patch(
        self,
        gvk: GroupVersionKind,
        namespace: str | None,
        name: str,
        body: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        *,
        subresource: str | None = None,
        write: WriteOptions = PLAIN,
    ) -> JsonObject:
        """Merge-patch an object with a mapping, or JSON-patch it with a list of operations.

        A `metadata.resourceVersion` in a merge patch, or a `test` operation, makes it conditional.
        """
        resource = await self.catalog.resolve(gvk)
        what = f"patch {resource.gvk} {namespace or ''}/{name}"
        call = Call(
            "PATCH",
            _path(resource, (namespace, name, subresource), what),
            what,
            self._write_query(write),
            json_document(body),
            content_type=MERGE if isinstance(body, Mapping) else JSON_PATCH,
        )
        return await self._document(call, resource)

    async def delete(
        self, gvk: GroupVersionKind, namespace: str | None, name: str, options: DeleteOptions = UNCONDITIONAL
    ) -> JsonObject:
        """Delete an object; it may live on until its finalizers and dependents are gone.

        Returns: the object when it lives on, otherwise the API server's `Status`.
        """
        resource = await self.catalog.resolve(gvk)
        return await self._object("DELETE", resource, (namespace, name, None), {}, options.body())

    async def watch(
        self, gvk: GroupVersionKind, selection: Selection, resource_version: str, *, seconds: int = 300
    ) -> AsyncGenerator[WatchEvent]:
        """Follow changes after `resource_version` until the server ends the watch, after about `seconds`.

        Raises:
            Gone: the version is no longer kept: list again.
        """
        resource = await self.catalog.resolve(gvk)
        query = {
            **selection.query(),
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": resource_version,
            "timeoutSeconds": str(seconds),
        }
        call = Call("GET", resource.collection_path(selection.namespace), f"watch {gvk}", query)
        try:
            async with aclosing(self._connection.stream(call)) as lines:
                async for line in lines:
                    yield self._event(call, resource, line)
        except Refused as refused:
            raise self._error(call, resource, refused.answer) from refused

    def _event(self, call: Call, resource: ApiResource, line: bytes) -> WatchEvent:
        event = json_of(Answer(200, {}, line), call.what)
        manifest = event.get("object") or {}
        if event.get("type") == "ERROR":
            raise self._error(call, resource, Answer(int(manifest.get("code") or 0), {}, json.dumps(manifest).encode()))
        return WatchEvent(str(event.get("type")), manifest)

    async def version(self) -> JsonObject:
        """The API server's version document; `gitVersion` is what Helm and Argo CD call the Kubernetes version."""
        return await self._document(Call("GET", "/version", "read the version", {}), None)

    async def _object(
        self,
        method: str,
        resource: ApiResource,
        place: tuple[str | None, str, str | None],
        query: dict[str, str],
        body: Mapping[str, Any] | None = None,
    ) -> JsonObject:
        namespace, name, subresource = place
        kind = f"{resource.gvk}/{subresource}" if subresource else str(resource.gvk)
        what = f"{_VERBS[method]} {kind} {namespace or ''}/{name}"
        document = None if body is None else json_document(body)
        return await self._document(Call(method, _path(resource, place, what), what, query, document), resource)

    async def _document(self, call: Call, resource: ApiResource | None) -> JsonObject:
        answer = await self._connection.call(call)
        if not 200 <= answer.status < 300:
            raise self._error(call, resource, answer)
        if self._on_warning is not None and (warning := answer.headers.get("Warning")):
            self._on_warning(f"{call.what}: {warning[:1024]}")
        return json_of(answer, call.what)

    def _error(self, call: Call, resource: ApiResource | None, answer: Answer) -> Exception:
        refusal = refusal_of(answer.status, answer.body, answer.headers.get("Retry-After"), call.what)
        if resource is None:
            return error_of(refusal)
        if answer.status == 404 and not names_an_object(answer.body):
            self.catalog.forget(resource.gvk)
            return UnknownKind(refusal)
        if resource.gvk.kind == "Secret":
            refusal = without_secret(refusal, _sent(call))
        return error_of(refusal)

    def _write_query(self, write: WriteOptions) -> dict[str, str]:
        query = {"fieldManager": write.field_manager or self.field_manager}
        if write.dry_run:
            query["dryRun"] = "All"
        if write.validation is not None:
            query["fieldValidation"] = write.validation
        return query


_VERBS = {"GET": "read", "POST": "create", "PUT": "replace", "DELETE": "delete"}


def _type_of(manifest: Mapping[str, Any]) -> GroupVersionKind:
    try:
        return GroupVersionKind.of(manifest)
    except KeyError as error:
        raise Invalid(Refusal(0, "", f"an object without {error}")) from error


def _place_of(manifest: Mapping[str, Any]) -> tuple[str | None, str]:
    metadata = manifest.get("metadata") or {}
    return metadata.get("namespace"), str(metadata.get("name") or metadata.get("generateName") or "")


def _path(resource: ApiResource, place: tuple[str | None, str, str | None], what: str) -> str:
    try:
        return resource.object_path(*place)
    except ValueError as error:
        raise Invalid(Refusal(0, "", f"{what}: {error}")) from error


def _sent(call: Call) -> Mapping[str, Any] | None:
    """The manifest that a call carried, as far as it can be read."""
    body = json.loads(call.body or b"null")
    return body if isinstance(body, dict) else None
