"""Commands: what one service asks of another."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from wavegate.contracts.events import Command, ObjectMessage
from wavegate.contracts.identity import digest, repository_id
from wavegate.contracts.model import Contract
from wavegate.contracts.references import Commit

SOURCES_LIMIT = 512 << 10
"""Bytes of an application's sources as JSON. A message holds 1 MiB, and so does a state object with all that it owes."""


class PinnedSource(Contract):
    """One source of an application, pinned to a commit.

    `spec` is the source exactly as the Application gives it (`repoURL`, `path`, `helm`, …); `commit` is what its
    `targetRevision` meant when git-watcher last looked.
    """

    spec: dict[str, Any]
    commit: Commit


class RenderApplication(ObjectMessage, Command):
    """Render an application at pinned commits (git-watcher for a push; syncer for a new or changed application).

    `spec_digest` is the digest of the parts of the spec that rendering depends on
    (`wavegate.contracts.specs.render_digest`); `destination_namespace` is the namespace that objects without one get;
    `reason` is `push`, `spec`, `refresh` or `rescan`.
    """

    AREA: ClassVar[str] = "application"

    project: str
    sources: tuple[PinnedSource, ...]
    multi_source: bool = False
    spec_digest: str
    destination_namespace: str = ""
    reason: str = "push"


def is_too_large(sources: Iterable[Any]) -> bool:
    """Return whether sources, as an Application gives them, are more than a command can carry (`SOURCES_LIMIT`)."""
    return sum(len(json.dumps(source)) for source in sources) > SOURCES_LIMIT


def render_occurrence(commits: Sequence[Commit], spec_digest: str, nonce: str = "") -> str:
    """Return what makes one `RenderApplication` differ from another: the same for whoever asks for the same thing.

    git-watcher and syncer may both ask for a tip; equal occurrences give equal message ids, so the bus keeps one.
    `nonce` sets apart what shall be asked again although nothing changed (a refresh, a repository that came back).
    """
    pins = [[repository_id(commit.repository), commit.ref, commit.seq, commit.sha] for commit in commits]
    return digest([pins, spec_digest, nonce] if nonce else [pins, spec_digest])
