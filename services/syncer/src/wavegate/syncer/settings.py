"""What the syncer is told from outside, by `WAVEGATE_` environment variables."""

from wavegate.runtime.settings import ServiceSettings


class SyncerSettings(ServiceSettings):
    """Nothing beyond what every service has."""
