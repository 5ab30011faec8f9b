"""RolloutState objects: one for each Rollout, under its name, garbage-collected with it."""

from collections.abc import Callable

from wavegate.kube.client import KubeClient
from wavegate.kube.resources import GroupVersionKind
from wavegate.kube.state_store import KubeStateStore, Owner
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import API_VERSION, Json
from wavegate.rollout_analyzer.domain.state import RolloutState

ROLLOUT_STATE = GroupVersionKind("wavegate.dev", "v1alpha1", "RolloutState")


def rollout_states(client: KubeClient, rollout: Callable[[str], Json | None]) -> KubeStateStore[RolloutState]:
    """Return the store; `rollout` gives the Rollout of a key, None when it is gone."""

    def owner(key: str) -> Owner | None:
        metadata = mapping(rollout(key), "metadata")
        return Owner(API_VERSION, "Rollout", str(metadata["name"]), str(metadata["uid"])) if metadata else None

    return KubeStateStore(client, ROLLOUT_STATE, RolloutState, owner)
