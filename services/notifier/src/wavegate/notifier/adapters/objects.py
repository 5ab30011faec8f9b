"""Notified objects of one kind, from a watch; fetched when a message says that there is something newer to see."""

from collections import OrderedDict

from wavegate.kube import Change, GroupVersionKind, JsonObject, KubeClient, NotFound, Owner, SharedWatch
from wavegate.notifier.ports import Found

APPLICATION = GroupVersionKind("argoproj.io", "v1alpha1", "Application")
PROJECT = GroupVersionKind("argoproj.io", "v1alpha1", "AppProject")
ROLLOUT = GroupVersionKind("argoproj.io", "v1alpha1", "Rollout")

GONE_KEPT = 1_000


class KubeObjects:
    """Objects by key, with their AppProject where they have one, and as owners of their ledgers."""

    def __init__(self, client: KubeClient, watch: SharedWatch, projects: SharedWatch | None = None) -> None:
        self._client, self._watch, self._projects = client, watch, projects
        self._gone: OrderedDict[str, Owner] = OrderedDict()
        watch.on_change(self._remember_gone)

    async def find(self, key: str, *, fresh: bool) -> Found | None:
        """Return the object, asked of the API server when `fresh`."""
        namespace, _, name = key.partition("/")
        if fresh:
            try:
                self._watch.put(await self._client.get(self._watch.gvk, namespace, name))
            except NotFound:
                return None
        found = self._watch.get(namespace, name)
        return Found(found, self._project_of(found)) if found else None

    def all_keys(self) -> list[str]:
        """Return the keys of all known objects."""
        return [key_of(item) for item in self._watch.items()]

    def keys_in_project(self, name: str) -> list[str]:
        """Return the keys of a project's Applications."""
        return [key_of(item) for item in self._watch.items() if _project_name(item) == name]

    def owner(self, key: str) -> Owner | None:
        """Return an object as its ledger's owner; one that was deleted lately still is."""
        namespace, _, name = key.partition("/")
        found = self._watch.get(namespace, name)
        return _owner(found) if found else self._gone.get(key)

    def _project_of(self, found: JsonObject) -> JsonObject | None:
        if self._projects is None:
            return None
        return self._projects.get(str(found["metadata"].get("namespace", "")), _project_name(found))

    def _remember_gone(self, change: Change) -> None:
        key = key_of(change.object)
        self._gone.pop(key, None)
        if change.type == "deleted":
            self._gone[key] = _owner(change.object)
        while len(self._gone) > GONE_KEPT:
            self._gone.popitem(last=False)


def key_of(item: JsonObject) -> str:
    """Return `<namespace>/<name>`."""
    metadata = item["metadata"]
    return f"{metadata.get('namespace', '')}/{metadata['name']}"


def _owner(item: JsonObject) -> Owner:
    metadata = item["metadata"]
    return Owner(item["apiVersion"], item["kind"], metadata["name"], metadata["uid"])


def _project_name(item: JsonObject) -> str:
    return str((item.get("spec") or {}).get("project") or "default")
