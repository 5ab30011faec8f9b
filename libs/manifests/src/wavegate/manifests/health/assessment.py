"""Which check judges which kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wavegate.manifests.health.analysis_run import analysis_run
from wavegate.manifests.health.child_application import child_application
from wavegate.manifests.health.daemon_set import daemon_set
from wavegate.manifests.health.definitions import api_service, custom_resource_definition
from wavegate.manifests.health.deployment import deployment
from wavegate.manifests.health.exposed import ingress, service
from wavegate.manifests.health.horizontal_pod_autoscaler import horizontal_pod_autoscaler
from wavegate.manifests.health.inference_service import inference_service
from wavegate.manifests.health.job import job
from wavegate.manifests.health.persistent_volume_claim import persistent_volume_claim
from wavegate.manifests.health.pod import pod
from wavegate.manifests.health.replica_set import replica_set
from wavegate.manifests.health.rollout import rollout
from wavegate.manifests.health.standard import standard
from wavegate.manifests.health.stateful_set import stateful_set
from wavegate.manifests.health.verdict import Health, progressing
from wavegate.manifests.identity import GroupKind, group_kind_of, metadata_of
from wavegate.manifests.lists import native

Check = Callable[[Mapping[str, Any]], Health]

CHECKS: Mapping[GroupKind, Check] = {
    GroupKind("", "PersistentVolumeClaim"): persistent_volume_claim,
    GroupKind("", "Pod"): pod,
    GroupKind("", "Service"): service,
    GroupKind("apiextensions.k8s.io", "CustomResourceDefinition"): custom_resource_definition,
    GroupKind("apiregistration.k8s.io", "APIService"): api_service,
    GroupKind("apps", "DaemonSet"): daemon_set,
    GroupKind("apps", "Deployment"): deployment,
    GroupKind("apps", "ReplicaSet"): replica_set,
    GroupKind("apps", "StatefulSet"): stateful_set,
    GroupKind("argoproj.io", "AnalysisRun"): analysis_run,
    GroupKind("argoproj.io", "Application"): child_application,
    GroupKind("argoproj.io", "Rollout"): rollout,
    GroupKind("autoscaling", "HorizontalPodAutoscaler"): horizontal_pod_autoscaler,
    GroupKind("batch", "Job"): job,
    GroupKind("networking.k8s.io", "Ingress"): ingress,
    GroupKind("serving.kserve.io", "InferenceService"): inference_service,
}


def health_of(obj: Mapping[str, Any]) -> Health | None:
    """Return an object's health, None for kinds that have none, such as ConfigMap."""
    if metadata_of(obj).get("deletionTimestamp"):
        return progressing("Pending deletion")
    kind = group_kind_of(obj)
    check = CHECKS.get(kind)
    if check is not None:
        return check(obj)
    return None if native(kind.group) else standard(obj)
