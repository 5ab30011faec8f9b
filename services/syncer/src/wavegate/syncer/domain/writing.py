"""What exactly is sent to the API server for an object, and in which groups."""

from __future__ import annotations

import json
from collections.abc import Iterable

from wavegate.manifests.comanaged import ROLLOUT, co_managed_paths, take_from_live
from wavegate.manifests.identity import (
    CAUSE_ANNOTATION,
    INTENT_ANNOTATION,
    JsonObject,
    ObjectKey,
    annotated,
    group_kind_of,
)
from wavegate.manifests.waves import by_kind
from wavegate.syncer.domain.actions import Write
from wavegate.syncer.domain.comparison import Compared
from wavegate.syncer.domain.looking import Observed
from wavegate.syncer.domain.options import NO_VALIDATION, options_of
from wavegate.syncer.domain.state import Intent


def write_of(seen: Observed, intent: Intent, compared: Compared, *, restamp: bool = False) -> Write | None:
    """Return what has to be written for a wanted object, None when it stands as wanted and nothing need mark it."""
    stands = compared.is_synced and compared.is_owned
    if compared.wanted is None or (stands and not restamp):
        return None
    manifest = compared.wanted
    options = options_of(manifest) | seen.application.policy.options
    return Write(
        key=compared.key,
        manifest=manifest,
        live=compared.live,
        take=co_managed_paths(manifest, seen.moving) if compared.live is not None else (),
        annotations=_riding(intent, manifest),
        stamp_only=stands,
        lenient=NO_VALIDATION in options,
    )


def body_of(write: Write) -> JsonObject:
    """Return the object to be applied: co-managed fields as they live, intent and cause marked on it."""
    manifest = take_from_live(write.manifest, write.live, write.take) if write.live is not None else write.manifest
    return annotated(manifest, write.annotations)


def grouped(writes: Iterable[Write]) -> tuple[tuple[Write, ...], ...]:
    """Split writes that are in order into runs of one kind."""
    by_manifest = {id(write.manifest): write for write in writes}
    runs = by_kind([write.manifest for write in by_manifest.values()])
    return tuple(tuple(by_manifest[id(manifest)] for manifest in run) for run in runs)


def _riding(intent: Intent, manifest: JsonObject) -> dict[str, str]:
    riding = {INTENT_ANNOTATION: str(intent.number)}
    if group_kind_of(manifest) == ROLLOUT:
        riding[CAUSE_ANNOTATION] = cause_of(intent)
    return riding


def cause_of(intent: Intent) -> str:
    """Return what tells the analyzer which commit a Rollout stems from (architecture §9): that of the first source."""
    cause: dict[str, object] = {}
    for commit in intent.commits[:1]:
        cause = {"repository": commit.repository, "ref": commit.ref, "seq": commit.seq, "sha": commit.sha}
    if intent.traceparent is not None:
        cause["traceparent"] = intent.traceparent
    return json.dumps(cause, separators=(",", ":"))


def named(key: ObjectKey) -> str:
    """Return an object's name as kubectl prints it: `deployment.apps/x`, `configmap/x`."""
    kind = key.kind.lower()
    return f"{kind}.{key.group}/{key.name}" if key.group else f"{kind}/{key.name}"
