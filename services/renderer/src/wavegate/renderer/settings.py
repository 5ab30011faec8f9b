"""Settings of the renderer; read once from the environment, `WAVEGATE_` before each name."""

from pathlib import Path

from wavegate.runtime.settings import ServiceSettings


class RendererSettings(ServiceSettings):
    """What every service has, how repositories are reached, and what rendering may take."""

    allow_http: bool = False
    """Allow http:// beyond loopback."""
    git_ca_file: Path | None = None
    """CA bundle that https repositories are verified with, instead of the system's."""
    ssh_key_file: Path | None = None
    ssh_known_hosts_file: Path | None = None
    """Host keys that ssh repositories are verified with; without it no ssh repository is reached."""
    render_workers: int = 2
    """Go worker processes."""
    render_memory_bytes: int = 512 << 20
    """Resident memory that one of them may take."""
