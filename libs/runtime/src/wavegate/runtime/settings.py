"""Settings that every service has; read once from the environment, `WAVEGATE_` before each name."""

import re
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, SettingsConfigDict

_CREDENTIALS = re.compile(r"(?<=://)[^/\s]*@")


class ServiceSettings(BaseSettings):
    """Where the bus and the API server are, and where the service may write."""

    model_config = SettingsConfigDict(env_prefix="WAVEGATE_", frozen=True, extra="ignore")

    nats_url: str = "nats://127.0.0.1:4222"
    nats_nkey_file: Path | None = None
    """File that holds the service's nkey seed."""
    nats_ca_file: Path | None = None
    """CA that the bus's certificate is verified with; needed for tls:// addresses."""
    kubeconfig: Path | None = None
    namespace: str = "argocd"
    """The control-plane namespace."""
    state_dir: Path = Path("/var/lib/wavegate")
    """Scratch folder; losing it loses nothing."""
    probe_host: str = "127.0.0.1"
    probe_port: int = 0
    """Port of /healthz and /readyz; 0 turns probes off."""
    trace_file: Path | None = None
    """File that spans are appended to, one JSON line each."""
    log_level: str = "info"
    workers: int = 8
    """Keys that are worked on at the same time."""


def shown(settings: BaseSettings) -> dict[str, Any]:
    """Return settings as they may be logged: addresses without user and password."""
    given = settings.model_dump(mode="json", exclude_none=True)
    return {name: _CREDENTIALS.sub("", value) if isinstance(value, str) else value for name, value in given.items()}
