"""Whether the objects of a sync may be written, before any is (argocd.md §2.5, task validation)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wavegate.contracts.reasons import Reason
from wavegate.manifests.identity import JsonObject, ObjectKey, group_of, version_of
from wavegate.syncer.domain.looking import Observed
from wavegate.syncer.domain.options import SKIP_DRY_RUN, options_of, unsupported
from wavegate.syncer.domain.wanted import Wanted

OBJECTS_LIMIT = 2000
"""Objects of one application: what is remembered of them has to fit into one state object (architecture §3)."""


@dataclass(frozen=True, slots=True)
class Invalid:
    """One object that must not be written, and why."""

    key: ObjectKey
    reason: Reason
    message: str


def invalid(seen: Observed, wanted: Wanted) -> tuple[Invalid, ...]:
    """Return everything wrong with the objects of a sync, in the order of writing."""
    if is_too_large(wanted):
        message = f"{len(wanted.objects)} objects: more than {OBJECTS_LIMIT} in one application are not supported yet"
        return (Invalid(next(iter(wanted.objects)), Reason.TOO_MANY_OBJECTS, message),)
    return (*_hooks(wanted), *(each for key, obj in wanted.objects.items() for each in _object(seen, wanted, key, obj)))


def is_too_large(wanted: Wanted) -> bool:
    """Say whether there are more objects than can be remembered."""
    return len(wanted.objects) > OBJECTS_LIMIT


def _hooks(wanted: Wanted) -> Iterator[Invalid]:
    for hook in wanted.hooks:
        if hook.phases:
            message = (
                f"{hook.key.kind} {hook.key.name} is a {' and '.join(hook.phases)} hook: hooks are not supported yet"
            )
            yield Invalid(hook.key, Reason.FEATURE_UNSUPPORTED, message)


def _object(seen: Observed, wanted: Wanted, key: ObjectKey, obj: JsonObject) -> Iterator[Invalid]:
    refusal = seen.project.object_refusal(key, seen.application.destination) if seen.project else None
    if refusal is not None:
        yield Invalid(key, Reason.KIND_NOT_PERMITTED, refusal)
    for option in unsupported(options_of(obj)):
        message = f"{key.kind} {key.name}: sync option {option} is not supported yet"
        yield Invalid(key, Reason.FEATURE_UNSUPPORTED, message)
    if not is_served(seen, obj) and not wanted.defines(key.group_kind) and SKIP_DRY_RUN not in _options(seen, obj):
        yield Invalid(key, Reason.KIND_UNKNOWN, unknown_kind(key, obj))


def is_served(seen: Observed, obj: JsonObject) -> bool:
    """Say whether the API server serves an object's kind, as of this look."""
    return seen.served.get((str(obj["apiVersion"]), str(obj["kind"])), False)


def unknown_kind(key: ObjectKey, obj: JsonObject) -> str:
    """Return Argo CD's words for a kind that the API server does not serve."""
    api = str(obj["apiVersion"])
    group, version = group_of(api), version_of(api)
    return (
        f"The Kubernetes API could not find {group}/{key.kind} for requested resource {key.namespace}/{key.name}. "
        f'Make sure the "{key.kind}" CRD is installed on the destination cluster. (version {version})'
    )


def _options(seen: Observed, obj: JsonObject) -> frozenset[str]:
    return options_of(obj) | seen.application.policy.options
