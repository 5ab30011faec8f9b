"""Applications, projects and repository states, from shared watches of the control-plane namespace."""

from collections.abc import Iterable

from wavegate.contracts import specs
from wavegate.contracts.identity import repository_id
from wavegate.contracts.reconciling import StateConflict
from wavegate.kube import Conflict, GroupVersionKind, KubeClient, NotFound, Selection, SharedWatch, SharedWatches
from wavegate.kube.state_store import Owner, split_key
from wavegate.manifests.identity import JsonObject, metadata_of

APPLICATION = GroupVersionKind("argoproj.io", "v1alpha1", "Application")
PROJECT = GroupVersionKind("argoproj.io", "v1alpha1", "AppProject")
REPOSITORY_STATE = GroupVersionKind("wavegate.dev", "v1alpha1", "RepositoryState")


class KubeRecords:
    """What is to be done, from memory; the status of an Application, to the API server."""

    def __init__(self, client: KubeClient, watches: SharedWatches, namespace: str) -> None:
        self._client = client
        self._namespace = namespace
        self.applications: SharedWatch = watches.watch(APPLICATION, Selection(namespace))
        self.projects: SharedWatch = watches.watch(PROJECT, Selection(namespace))
        self.repositories: SharedWatch = watches.watch(REPOSITORY_STATE, Selection(namespace))
        self.is_reporting = False

    async def synced(self) -> None:
        """Return once everything was read for the first time."""
        for watch in (self.applications, self.projects, self.repositories):
            await watch.synced.wait()

    def is_synced(self) -> bool:
        """Say whether everything was read."""
        return all(watch.synced.is_set() for watch in (self.applications, self.projects, self.repositories))

    def all_keys(self) -> list[str]:
        """Return the keys of all Applications."""
        return [key_of(item) for item in self.applications.items()]

    def owner(self, key: str) -> Owner | None:
        """Return what an application's state object is owned by."""
        application = self.application(key)
        if application is None:
            return None
        metadata = metadata_of(application)
        return Owner(APPLICATION.api_version, APPLICATION.kind, str(metadata["name"]), str(metadata["uid"]))

    def application(self, key: str) -> JsonObject | None:
        """Return an Application."""
        return self.applications.get(*split_key(key))

    def project(self, name: str) -> JsonObject | None:
        """Return an AppProject."""
        return self.projects.get(self._namespace, name)

    def repository(self, repository: str) -> JsonObject | None:
        """Return a repository's state."""
        return self.repositories.get(self._namespace, f"repository-{repository}")

    async def report(self, key: str, patch: JsonObject) -> None:
        """Merge a patch into an Application, and remember what it looks like now."""
        namespace, name = split_key(key)
        try:
            shown = await self._client.patch(APPLICATION, namespace, name, patch)
        except NotFound:
            return
        except Conflict as error:
            await self._looked_again(namespace, name)
            raise StateConflict(f"{key} was changed meanwhile") from error
        self._keep(shown)

    async def _looked_again(self, namespace: str, name: str) -> None:
        """Remember the newest version at once: the watch may be a moment behind."""
        try:
            self._keep(await self._client.get(APPLICATION, namespace, name))
        except NotFound:
            return

    def _keep(self, shown: JsonObject) -> None:
        self.is_reporting = True
        try:
            self.applications.put(shown)
        finally:
            self.is_reporting = False


def key_of(item: JsonObject) -> str:
    """Return `<namespace>/<name>`."""
    metadata = metadata_of(item)
    return f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"


def sourced_from(items: Iterable[JsonObject], state: JsonObject) -> list[str]:
    """Return the keys of the Applications with a source in the repository whose state object is given."""
    name = str(metadata_of(state).get("name"))
    return [key_of(item) for item in items if any(f"repository-{one}" == name for one in _repositories(item))]


def _repositories(application: JsonObject) -> set[str]:
    sources = specs.sources(application.get("spec") or {})
    return {repository_id(str(source.get("repoURL") or "")) for source in sources if isinstance(source, dict)}


def findings(state: JsonObject) -> JsonObject:
    """Return what a repository's state says that applications depend on: tips and failures, not how far they were told."""
    known = (state.get("status") or {}).get("state") or {}
    refs = (known.get("refs") or {}).items()
    told = {name: [ref.get("seq"), ref.get("sha"), ref.get("failure")] for name, ref in refs}
    return {"failure": known.get("failure"), "refs": told}


def following(items: Iterable[JsonObject], project: str) -> list[str]:
    """Return the keys of the Applications in a project."""
    return [key_of(item) for item in items if ((item.get("spec") or {}).get("project") or "default") == project]
