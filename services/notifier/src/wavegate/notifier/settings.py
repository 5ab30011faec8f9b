"""What the notifier is told from outside, by `WAVEGATE_` environment variables."""

from pathlib import Path

from wavegate.runtime.settings import ServiceSettings


class NotifierSettings(ServiceSettings):
    """Beyond every service's settings: where the configuration lies, and how far out messages may go."""

    notifications_config_map: str = "argocd-notifications-cm"
    notifications_secret: str = "argocd-notifications-secret"  # noqa: S105 - the name of a Secret
    rollout_notifications_config_map: str = "argo-rollouts-notification-configmap"
    """Read for Rollouts instead, where it exists."""
    rollout_notifications_secret: str = "argo-rollouts-notification-secret"  # noqa: S105 - the name of a Secret
    allow_loopback_egress: bool = False
    """Let messages go to this machine: receivers of an embedded platform."""
    allow_private_egress: bool = False
    """Let messages go to private addresses: receivers inside the cluster."""
    egress_ca_file: Path | None = None
    """PEM certificates that destinations may have besides the well-known ones."""
    go_workers: int = 1
    """Warm processes that evaluate conditions and render templates."""
