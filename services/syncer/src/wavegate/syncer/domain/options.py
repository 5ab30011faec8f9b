"""Sync options of an application and of single objects (argocd.md §1.4): which are honoured, which are refused by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wavegate.manifests.identity import annotations_of

ANNOTATION = "argocd.argoproj.io/sync-options"

CREATE_NAMESPACE = "CreateNamespace=true"
NO_PRUNE = "Prune=false"
CONFIRM_PRUNE = "Prune=confirm"
NO_DELETE = "Delete=false"
CONFIRM_DELETE = "Delete=confirm"
NO_VALIDATION = "Validate=false"
SKIP_DRY_RUN = "SkipDryRunOnMissingResource=true"

UNSUPPORTED = frozenset(
    {
        CONFIRM_DELETE,
        "FailOnSharedResource=true",
        "Force=true",
        CONFIRM_PRUNE,
        "Replace=true",
        "RespectIgnoreDifferences=true",
        "ServerSideApply=false",
    }
)
"""Options whose effect is not built yet. Passing over them would do what the user forbade, so they are refused."""


def options_of(obj: Mapping[str, Any]) -> frozenset[str]:
    """Return the options that an object's annotation lists."""
    text = annotations_of(obj).get(ANNOTATION, "")
    return frozenset(option.strip() for option in str(text).split(",") if option.strip())


def unsupported(options: frozenset[str]) -> tuple[str, ...]:
    """Return the options that have to be refused."""
    return tuple(sorted(options & UNSUPPORTED))


_WITHOUT_EFFECT = frozenset(
    {
        "ApplyOutOfSyncOnly=false",
        "ApplyOutOfSyncOnly=true",
        "CreateNamespace=false",
        "FailOnSharedResource=false",
        "Force=false",
        "PruneLast=false",
        "PruneLast=true",
        "Replace=false",
        "RespectIgnoreDifferences=false",
        "ServerSideApply=true",
        "SkipDryRunOnMissingResource=false",
        "Validate=true",
    }
)
"""Options that say what is done anyway, unless the application's own say otherwise."""


def added(asked: Iterable[str], own: frozenset[str]) -> tuple[str, ...]:
    """Return the options that a request asks for beyond, or against, the application's own."""
    named = {option.partition("=")[0] for option in own}
    return tuple(
        option
        for option in asked
        if option not in own and (option not in _WITHOUT_EFFECT or option.partition("=")[0] in named)
    )


_PROPAGATION = "PrunePropagationPolicy="
_PROPAGATIONS = {"foreground": "Foreground", "background": "Background", "orphan": "Orphan"}


def propagation_of(options: frozenset[str]) -> str:
    """Return what becomes of the dependents of a pruned object: Argo CD deletes in the foreground by default."""
    given = (option.removeprefix(_PROPAGATION) for option in options if option.startswith(_PROPAGATION))
    return next((_PROPAGATIONS[name] for name in given if name in _PROPAGATIONS), "Foreground")
