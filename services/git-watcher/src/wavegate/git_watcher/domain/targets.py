"""What a `targetRevision` means among the refs of a repository (argocd.md §2.13)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from wavegate.contracts.reasons import Reason

HEAD = "HEAD"

_FULL_SHA = re.compile(r"[0-9A-Fa-f]{40}")
_SHORT_SHA = re.compile(r"[0-9A-Fa-f]{7,39}")
_RANGE = re.compile(r"[*^~<>=|, ]|(?:^|\.)[xX](?:\.|$)")
_PLACES = ("{}", "refs/heads/{}", "refs/tags/{}", "refs/{}")


@dataclass(frozen=True, slots=True)
class Resolved:
    """The full ref that a target stands for, and its tip. A commit id stands for itself."""

    name: str
    sha: str


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why a target stands for nothing."""

    reason: Reason
    message: str


def target_of(target_revision: str | None) -> str:
    """Return the name by which a ref is kept: the `targetRevision`, `HEAD` where there is none."""
    return (target_revision or "").strip() or HEAD


def is_commit(target: str) -> bool:
    """Return whether a target is a full commit id, which no server need be asked for."""
    return _FULL_SHA.fullmatch(target) is not None


def resolve(target: str, refs: Mapping[str, str]) -> Resolved | Unresolved:
    """Resolve a target as Argo CD does: a full commit id as it is, else a ref by its full or short name.

    Version ranges and shortened commit ids are refused by name.
    """
    if is_commit(target):
        return Resolved(target.lower(), target.lower())
    for place in _PLACES:
        name = place.format(target)
        if name in refs:
            return Resolved(name, refs[name])
    if _RANGE.search(target):
        return Unresolved(
            Reason.FEATURE_UNSUPPORTED, f"targetRevision '{target}': version ranges are not supported yet"
        )
    if _SHORT_SHA.fullmatch(target):
        return Unresolved(Reason.FEATURE_UNSUPPORTED, f"targetRevision '{target}': give all 40 digits of a commit id")
    return Unresolved(Reason.REF_MISSING, f"unable to resolve '{target}' to a commit SHA")


def chart(target: str) -> Unresolved:
    """Refuse the version of a chart in a Helm repository, by name."""
    return Unresolved(Reason.FEATURE_UNSUPPORTED, f"chart version '{target}': Helm repositories are not supported yet")
