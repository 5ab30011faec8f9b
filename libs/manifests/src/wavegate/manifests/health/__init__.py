"""How healthy an object is: one file for each kind, Argo CD's rules (argocd.md §2.9)."""

from wavegate.manifests.health.aggregate import aggregated
from wavegate.manifests.health.assessment import health_of
from wavegate.manifests.health.verdict import Health, HealthStatus

__all__ = ["Health", "HealthStatus", "aggregated", "health_of"]
