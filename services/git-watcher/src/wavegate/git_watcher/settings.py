"""Settings of git-watcher; read once from the environment, `WAVEGATE_` before each name."""

from pathlib import Path

from wavegate.runtime.settings import ServiceSettings


class GitWatcherSettings(ServiceSettings):
    """What every service has, and how repositories are reached and watched."""

    webhook_host: str = "127.0.0.1"
    webhook_port: int = 8080
    poll_interval_seconds: float = 120.0
    """How often a repository is asked when no webhook comes."""
    poll_jitter_seconds: float = 60.0
    """Up to this much is added to each interval."""
    allow_http: bool = False
    """Allow http:// beyond loopback."""
    git_ca_file: Path | None = None
    """CA bundle that https repositories are verified with, instead of the system's."""
    ssh_key_file: Path | None = None
    ssh_known_hosts_file: Path | None = None
    """Host keys that ssh repositories are verified with; without it no ssh repository is reached."""
