"""Which objects are ours: by Argo Rollouts' instance id, so that two controllers can share a cluster."""

from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import INSTANCE_LABEL, Json


def is_ours(live: Json, instance: str) -> bool:
    """Tell whether an object belongs to the instance; without an instance id, objects without the label do."""
    label = mapping(live, "metadata", "labels").get(INSTANCE_LABEL)
    return label == instance if instance else label in (None, "")
