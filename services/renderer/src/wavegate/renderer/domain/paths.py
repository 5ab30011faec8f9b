"""Paths inside a repository: every reference of an Application is brought into one plain form, or refused."""

import posixpath

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason


def source_path(path: str) -> str:
    """Return `spec.source.path` in plain form; the repository's root is the empty string.

    Raises:
        Rejected: PATH_OUTSIDE_REPOSITORY, in Argo CD's words.
    """
    if path.startswith("/"):
        raise Rejected(Reason.PATH_OUTSIDE_REPOSITORY, f"{path}: app path is absolute")
    return _plain(path, f"{path}: app path outside root")


def reference(base: str, path: str) -> str:
    """Return a file reference: relative to the folder `base`, or to the repository's root when it begins with `/`.

    Raises:
        Rejected: PATH_OUTSIDE_REPOSITORY, for whatever leaves the repository or names a place by URL.
    """
    message = f"{path[:200]!r} leads outside the repository"
    if "://" in path or path.startswith("//") or "\\" in path or "%2f" in path.lower():
        raise Rejected(Reason.PATH_OUTSIDE_REPOSITORY, message)
    return _plain(path[1:] if path.startswith("/") else f"{base}/{path}", message)


def is_within(root: str, path: str) -> bool:
    """Return whether a plain path is the folder `root` or below it."""
    return root in ("", path) or path.startswith(f"{root}/")


def _plain(path: str, message: str) -> str:
    clean = posixpath.normpath(path or ".").lstrip("/")
    if clean == ".." or clean.startswith("../") or "\0" in path:
        raise Rejected(Reason.PATH_OUTSIDE_REPOSITORY, message)
    return "" if clean == "." else clean
