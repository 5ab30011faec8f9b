"""The kinds that the demonstration looks at."""

from wavegate.kube.resources import GroupVersionKind

APPLICATION = GroupVersionKind("argoproj.io", "v1alpha1", "Application")
ANALYSIS_RUN = GroupVersionKind("argoproj.io", "v1alpha1", "AnalysisRun")
ROLLOUT = GroupVersionKind("argoproj.io", "v1alpha1", "Rollout")
VIRTUAL_SERVICE = GroupVersionKind("networking.istio.io", "v1", "VirtualService")
INFERENCE_SERVICE = GroupVersionKind("serving.kserve.io", "v1beta1", "InferenceService")
REPLICA_SET = GroupVersionKind("apps", "v1", "ReplicaSet")
CONFIG_MAP = GroupVersionKind("", "v1", "ConfigMap")
SERVICE = GroupVersionKind("", "v1", "Service")
POD = GroupVersionKind("", "v1", "Pod")
