"""Settings of rollout-analyzer; read once from the environment, `WAVEGATE_` before each name."""

from pathlib import Path

from pydantic import AliasChoices, Field

from wavegate.runtime.settings import ServiceSettings


class RolloutAnalyzerSettings(ServiceSettings):
    """What every service has, and whose Rollouts and which Prometheus."""

    instance_id: str = ""
    """Handle only objects with this Argo Rollouts instance id; empty: only those without one."""
    prometheus_address: str = Field(
        default="",
        validation_alias=AliasChoices("WAVEGATE_PROMETHEUS_ADDRESS", "ARGO_ROLLOUTS_PROMETHEUS_ADDRESS"),
    )
    """Asked when a template names no address. May be a private or loopback address."""
    prometheus_allowed: str = ""
    """Further addresses that templates may name, separated by commas; no other address of a template is asked."""
    prometheus_ca_file: Path | None = None
    """CA that Prometheus' certificate is verified with, besides the well-known ones."""
    prometheus_timeout_seconds: float = 10.0
    """The longest that one query may take, whatever its template says."""
    language_workers: int = 2
    """Warm processes that evaluate conditions."""
