"""What git-watcher needs to know of an Application."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wavegate.contracts import specs
from wavegate.contracts.identity import plain_address, repository_id
from wavegate.contracts.references import ObjectRef
from wavegate.git_watcher.domain.targets import target_of


@dataclass(frozen=True, slots=True)
class Source:
    """One source: where it is, by repository id and target. A `chart` source is no Git repository.

    Neither `spec` nor `url` holds credentials, although the Application may: both go into events.
    """

    spec: Mapping[str, Any]
    url: str
    repository: str
    target: str
    is_chart: bool


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An Application as it matters here."""

    object: ObjectRef
    project: str
    sources: tuple[Source, ...]
    multi_source: bool
    spec_digest: str
    destination_namespace: str

    @property
    def key(self) -> str:
        """Return `<namespace>/<name>`."""
        return self.object.key

    def targets(self, repository: str) -> frozenset[str]:
        """Return the targets of a repository that the application follows."""
        return frozenset(source.target for source in self.sources if source.repository == repository)


def view(manifest: Mapping[str, Any]) -> ApplicationView | None:
    """Read an Application; None where it is being deleted, or follows nothing that could be understood."""
    metadata, spec = manifest.get("metadata") or {}, manifest.get("spec")
    if metadata.get("deletionTimestamp") or not isinstance(spec, dict):
        return None
    sources = tuple(_source(one) for one in specs.sources(spec) if isinstance(one, dict) and one.get("repoURL"))
    if not sources:
        return None
    return ApplicationView(
        object=ObjectRef(namespace=metadata.get("namespace", ""), name=metadata["name"], uid=metadata.get("uid", "")),
        project=spec.get("project") or "default",
        sources=sources,
        multi_source=bool(spec.get("sources")),
        spec_digest=specs.render_digest(spec),
        destination_namespace=(spec.get("destination") or {}).get("namespace") or "",
    )


def _source(spec: Mapping[str, Any]) -> Source:
    url = plain_address(str(spec["repoURL"]))
    return Source(
        spec={**spec, "repoURL": url},
        url=url,
        repository=repository_id(url),
        target=target_of(spec.get("targetRevision")),
        is_chart=bool(spec.get("chart")),
    )
