"""What an AppProject permits, with Argo CD's own words for what it refuses (argocd.md §1.10, §2.10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wavegate.manifests.globs import matches
from wavegate.manifests.identity import GroupKind, ObjectKey

IN_CLUSTER_SERVER = "https://kubernetes.default.svc"
IN_CLUSTER_NAME = "in-cluster"
DEFAULT_PROJECT = "default"

_UNSUPPORTED = ("destinationServiceAccounts", "permitOnlyProjectScopedClusters", "signatureKeys", "sourceIntegrity")
"""Parts that make syncing safer and are not built yet. Passing over them would permit what they forbid."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where objects go. `named` says that the user gave the cluster's name, so that messages use it too."""

    server: str = IN_CLUSTER_SERVER
    name: str = IN_CLUSTER_NAME
    namespace: str = ""
    named: bool = False


@dataclass(frozen=True, slots=True)
class Kinds:
    """Patterns of kinds; None means that the list was not given, which is not the same as an empty one."""

    patterns: tuple[Mapping[str, str], ...] | None = None

    def name(self, kind: GroupKind, name: str = "") -> bool:
        """Say whether a kind, and where the pattern gives one the object's name, is listed."""
        return any(_listed(pattern, kind, name) for pattern in self.patterns or ())


@dataclass(frozen=True, slots=True)
class Project:
    """An AppProject's rules, parsed."""

    name: str
    source_repos: tuple[str, ...] = ()
    destinations: tuple[Mapping[str, str], ...] = ()
    source_namespaces: tuple[str, ...] = ()
    cluster_allowed: Kinds = Kinds()
    cluster_denied: Kinds = Kinds()
    namespaced_allowed: Kinds = Kinds()
    namespaced_denied: Kinds = Kinds()
    unsupported: tuple[str, ...] = ()
    """Parts of the spec that are not built yet: nothing may be synced under a project that has any."""

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Project:
        """Read an AppProject object."""
        spec = manifest.get("spec") or {}
        return cls(
            name=str((manifest.get("metadata") or {}).get("name") or ""),
            source_repos=tuple(map(str, spec.get("sourceRepos") or ())),
            destinations=tuple(_maps(spec.get("destinations"))),
            source_namespaces=tuple(map(str, spec.get("sourceNamespaces") or ())),
            cluster_allowed=_kinds(spec, "clusterResourceWhitelist"),
            cluster_denied=_kinds(spec, "clusterResourceBlacklist"),
            namespaced_allowed=_kinds(spec, "namespaceResourceWhitelist"),
            namespaced_denied=_kinds(spec, "namespaceResourceBlacklist"),
            unsupported=tuple(part for part in _UNSUPPORTED if spec.get(part)),
        )

    def repository_refusal(self, url: str) -> str | None:
        """Return why a repository may not be used, None when it may. Any `!pattern` that matches denies."""
        address = normalised_url(url)
        denied = any(
            matches(normalised_url(pattern[1:]), address, "/") for pattern in self.source_repos if _denies(pattern)
        )
        allowed = any(_is_source(pattern, address) for pattern in self.source_repos if not _denies(pattern))
        if allowed and not denied:
            return None
        return f"application repo {url} is not permitted in project '{self.name}'"

    def destination_refusal(self, destination: Destination) -> str | None:
        """Return why a destination may not be used, None when it may."""
        if self._reaches(destination):
            return None
        server = destination.name if destination.named else destination.server
        return (
            f"application destination server '{server}' and namespace '{destination.namespace}' "
            f"do not match any of the allowed destinations in project '{self.name}'"
        )

    def object_refusal(self, key: ObjectKey, destination: Destination) -> str | None:
        """Return why an object may not be managed, None when it may. Its own namespace must be a destination too."""
        if not self._permits_kind(key):
            return f"resource {key.group}:{key.kind} is not permitted in project {self.name}"
        if key.namespace and not self._reaches(_in_namespace(destination, key.namespace)):
            return f"namespace {key.namespace} is not permitted in project '{self.name}'"
        return None

    def namespace_refusal(self, application: str, namespace: str, control_namespace: str) -> str | None:
        """Return why an Application of another namespace may not use the project, None when it may."""
        if namespace == control_namespace or any(_is_namespace(each, namespace) for each in self.source_namespaces):
            return None
        return f"application '{application}' in namespace '{namespace}' is not permitted to use project '{self.name}'"

    def _permits_kind(self, key: ObjectKey) -> bool:
        if key.namespace:
            allowed = self.namespaced_allowed.patterns is None or self.namespaced_allowed.name(key.group_kind)
            return allowed and not self.namespaced_denied.name(key.group_kind)
        denied = self.cluster_denied.name(key.group_kind, key.name)
        return self.cluster_allowed.name(key.group_kind, key.name) and not denied

    def _reaches(self, destination: Destination) -> bool:
        verdicts = [_reached(pattern, destination) for pattern in self.destinations]
        return any(verdict is True for verdict in verdicts) and all(verdict is not False for verdict in verdicts)


def _reached(pattern: Mapping[str, str], destination: Destination) -> bool | None:
    """Return True for a match, False for a denial, None for neither (Argo CD's isDestinationMatched)."""
    name, server, namespace = (pattern.get(part, "") for part in ("name", "server", "namespace"))
    by_name, by_server = _agrees(name, destination.name), _agrees(server, destination.server)
    by_namespace = _agrees(namespace, destination.namespace)
    if (by_server or by_name) and by_namespace:
        return True
    denied_cluster = (not by_name and _denies(name)) or (not by_server and _denies(server) and by_namespace)
    denied_namespace = not by_namespace and _denies(namespace) and by_server
    return False if denied_cluster or denied_namespace else None


def _agrees(pattern: str, text: str) -> bool:
    return not matches(pattern[1:], text) if _denies(pattern) else matches(pattern, text)


def _denies(pattern: str) -> bool:
    return pattern.startswith("!")


def _is_source(pattern: str, address: str) -> bool:
    return pattern == "*" or matches(normalised_url(pattern), address, "/")


def _is_namespace(pattern: str, namespace: str) -> bool:
    """Say whether a namespace is meant. A `/regular expression/` needs RE2, which this part does not have: it matches none."""
    return matches(pattern, namespace)


def _in_namespace(destination: Destination, namespace: str) -> Destination:
    return Destination(destination.server, destination.name, namespace, destination.named)


def _listed(pattern: Mapping[str, str], kind: GroupKind, name: str) -> bool:
    wanted = pattern.get("name", "")
    return (
        matches(pattern.get("kind", ""), kind.kind, "/")
        and matches(pattern.get("group", ""), kind.group, "/")
        and (not wanted or matches(wanted, name, "/"))
    )


def _kinds(spec: Mapping[str, Any], field: str) -> Kinds:
    listed = spec.get(field)
    return Kinds(None if listed is None else tuple(_maps(listed)))


def _maps(listed: Any) -> Iterable[Mapping[str, str]]:
    for each in listed or ():
        if isinstance(each, Mapping):
            yield {str(key): str(value) for key, value in each.items() if value is not None}


def normalised_url(url: str) -> str:
    """Return a repository address as Argo CD compares it: lower case, scp form as a path, no `.git`, no `ssh://`."""
    text = url.strip().lower()
    host, colon, path = text.partition(":")
    is_scp = bool(colon) and "//" not in host and not path.startswith("//") and ("@" in host or "." in host)
    if is_scp and "*" not in host:
        text = f"{host}/{path}"
    return text.removesuffix(".git").removeprefix("ssh://")
