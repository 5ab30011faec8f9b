"""The ReplicaSet of the current template: its creation, its revision, and the history of old ones (rollouts.md §2.1)."""

import copy

from wavegate.rollout_analyzer.domain.actions import CreateReplicaSet, Delete, Patch
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import DESIRED_REPLICAS, HASH_LABEL, REVISION, REVISION_HISTORY, Json
from wavegate.rollout_analyzer.domain.observation import Look
from wavegate.rollout_analyzer.domain.replica_sets import ReplicaSet
from wavegate.rollout_analyzer.domain.templates import owner_reference

_NOT_COPIED = ("kubectl.kubernetes.io/", "argocd.argoproj.io/", "wavegate.dev/", "rollout.argoproj.io/", "notified.")


def create_new_set(look: Look) -> tuple[CreateReplicaSet | Patch, ...]:
    """Create the ReplicaSet with no pods yet, and say its revision on the Rollout."""
    revision = _next_revision(look)
    return (CreateReplicaSet(_manifest(look, revision)), *_rollout_revision(look, revision))


def sync_revision(look: Look, new: ReplicaSet) -> tuple[Patch, ...]:
    """Give the current ReplicaSet, come back from before, the newest revision number; note its earlier ones."""
    revision = _next_revision(look)
    body: Json = {}
    if new.revision < revision:
        history = ",".join(part for part in (new.revision_history, str(new.revision or "")) if part)
        annotations = {REVISION: str(revision)} | ({REVISION_HISTORY: history} if history else {})
        body["metadata"] = {"annotations": annotations}
    if new.min_ready_seconds != look.spec.min_ready_seconds:
        body["spec"] = {"minReadySeconds": look.spec.min_ready_seconds}
    mine = (Patch("ReplicaSet", look.seen.namespace, new.name, new.version, body),) if body else ()
    return (*mine, *_rollout_revision(look, max(new.revision, revision)))


def forgotten_sets(look: Look) -> tuple[Delete, ...]:
    """Delete the oldest ReplicaSets without pods past `revisionHistoryLimit`."""
    old = [one for one in look.sets.others if not one.deleting]
    surplus = old[: max(0, len(old) - look.spec.revision_history_limit)]
    empty = [one for one in surplus if one.replicas == 0 and one.current == 0 and one.settled]
    return tuple(Delete("ReplicaSet", look.seen.namespace, one.name) for one in empty)


def _next_revision(look: Look) -> int:
    new = look.sets.new
    return max((one.revision for one in look.sets.all if new is None or one.name != new.name), default=0) + 1


def _rollout_revision(look: Look, revision: int) -> tuple[Patch, ...]:
    if look.revision == revision:
        return ()
    body = {"metadata": {"annotations": {REVISION: str(revision)}}}
    return (Patch("Rollout", look.seen.namespace, look.seen.name, look.seen.version, body),)


def _manifest(look: Look, revision: int) -> Json:
    template = copy.deepcopy(look.spec.template)
    labels = {**mapping(template, "metadata", "labels"), HASH_LABEL: look.seen.pod_hash}
    template["metadata"] = {**mapping(template, "metadata"), "labels": labels}
    selector = copy.deepcopy(look.spec.selector)
    selector["matchLabels"] = {**mapping(selector, "matchLabels"), HASH_LABEL: look.seen.pod_hash}
    return {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{look.seen.name}-{look.seen.pod_hash}",
            "namespace": look.seen.namespace,
            "labels": labels,
            "annotations": {
                **{key: value for key, value in look.seen.annotations.items() if not key.startswith(_NOT_COPIED)},
                REVISION: str(revision),
                DESIRED_REPLICAS: str(look.spec.replicas),
            },
            "ownerReferences": [owner_reference(look.seen.rollout)],
        },
        "spec": {
            "replicas": 0,
            "minReadySeconds": look.spec.min_ready_seconds,
            "selector": selector,
            "template": template,
        },
    }
