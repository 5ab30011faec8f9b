"""Which files of a plain directory are manifests, and what the objects in them are (argocd.md §2.13)."""

import re
from collections.abc import Sequence
from typing import Any

from wavegate.argo.application import DirectorySource
from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.renderer.domain import globs

JsonObject = dict[str, Any]

_EXTENSION = re.compile(r".*\.(?:yaml|yml|json|jsonnet)")
_DOCUMENT_MARK = re.compile(r"(?m)^---(?=[ \t\r]|$)")
_SKIP_MARK = b"+argocd:skip-file-rendering"
_LFS_POINTER = b"version https://git-lfs.github.com/spec/v1"
_SIGNS = (b"apiVersion:", b"kind:", b"metadata:")


def is_candidate(relative: str, options: DirectorySource) -> bool:
    """Return whether a file may hold manifests, by its path relative to the source's folder."""
    if not options.disable_extension_filter and not _EXTENSION.fullmatch(relative):
        return False
    if options.exclude and globs.matches(options.exclude, relative):
        return False
    return not options.include or globs.matches(options.include, relative)


def refuse_jsonnet(relative: str) -> None:
    """Refuse a Jsonnet file by name.

    Raises:
        Rejected: SOURCE_TYPE_UNSUPPORTED.
    """
    if relative.endswith(".jsonnet"):
        raise Rejected(Reason.SOURCE_TYPE_UNSUPPORTED, f"{relative}: Jsonnet is not supported yet")


def refuse_pointer(path: str, content: bytes) -> None:
    """Refuse a file whose content is kept in Git LFS: what stands in its place is no object, so it would be passed over.

    Raises:
        Rejected: FEATURE_UNSUPPORTED.
    """
    if content.startswith(_LFS_POINTER):
        raise Rejected(Reason.FEATURE_UNSUPPORTED, f"{path} is kept in Git LFS, which is not supported yet")


def is_skipped(content: bytes) -> bool:
    """Return whether a file asks to be left out."""
    return _SKIP_MARK in content


def looks_like_manifest(content: bytes) -> bool:
    """Return whether a file that cannot be read was meant to be a manifest; others are passed over as with Argo CD."""
    return all(sign in content for sign in _SIGNS)


def documents(content: bytes) -> list[str]:
    """Return the YAML documents of a file, for finding out how far it can be read."""
    return _DOCUMENT_MARK.split(content.decode("utf-8", "replace"))


def kindless(objects: Sequence[JsonObject]) -> int | None:
    """Return the position of the first object that says no kind, None when all do."""
    return next((n for n, one in enumerate(objects) if not isinstance(one.get("kind"), str) or not one["kind"]), None)


def unreadable(name: str, problem: str) -> Rejected:
    """Return the failure of a file, in Argo CD's words."""
    return Rejected(Reason.INVALID_MANIFEST, f'Failed to unmarshal "{name}": {problem}')
