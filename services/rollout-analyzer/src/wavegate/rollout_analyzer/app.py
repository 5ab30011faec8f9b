"""Composition root of rollout-analyzer: settings → adapters → reconcilers → watches. No logic."""

from contextlib import AsyncExitStack

from wavegate.contracts.routing import ROLLOUT_ANALYZER
from wavegate.egress import AddressPolicy, EgressGate
from wavegate.goworker import GoWorkerPool, binary
from wavegate.kube.client import KubeClient
from wavegate.kube.watch_cache import Change
from wavegate.kube.watches import SharedWatches
from wavegate.rollout_analyzer.adapters.cluster import KubeCluster
from wavegate.rollout_analyzer.adapters.languages import GoExpressions, GoHashes
from wavegate.rollout_analyzer.adapters.notification_ledgers import NotificationLedgers
from wavegate.rollout_analyzer.adapters.prometheus import PrometheusMetrics
from wavegate.rollout_analyzer.adapters.rollout_states import rollout_states
from wavegate.rollout_analyzer.adapters.together import TogetherOnLoop
from wavegate.rollout_analyzer.domain.interests import controller_of, naming
from wavegate.rollout_analyzer.domain.names import Json
from wavegate.rollout_analyzer.handlers.analysis_runs import AnalysisRunReconciler
from wavegate.rollout_analyzer.handlers.rollouts import RolloutReconciler
from wavegate.rollout_analyzer.settings import RolloutAnalyzerSettings
from wavegate.runtime.service import Service, opened

FIELD_MANAGER = "wavegate-rollout-analyzer"
OWNED = {"ReplicaSet", "AnalysisRun"}


async def main(settings: RolloutAnalyzerSettings) -> None:
    """Run until told to stop."""
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(opened(ROLLOUT_ANALYZER, settings))
        client = await stack.enter_async_context(KubeClient.connect(settings.kubeconfig, field_manager=FIELD_MANAGER))
        watches = await stack.enter_async_context(SharedWatches(client))
        pool = await stack.enter_async_context(GoWorkerPool(binary.locate(), size=settings.language_workers))
        # Only addresses that the operator named are asked at all: those may be in the cluster or on this machine.
        policy = AddressPolicy(allow_loopback=True, allow_private=True)
        gate = await stack.enter_async_context(EgressGate(policy, ca_file=settings.prometheus_ca_file))
        allowed = [one.strip() for one in settings.prometheus_allowed.split(",")]
        seconds = settings.prometheus_timeout_seconds
        metrics = PrometheusMetrics(gate, settings.prometheus_address, allowed, seconds)
        wire(service, settings, client, watches, (pool, metrics))
        await service.serve()


def wire(
    service: Service,
    settings: RolloutAnalyzerSettings,
    client: KubeClient,
    watches: SharedWatches,
    outside: tuple[GoWorkerPool, PrometheusMetrics],
) -> None:
    """Connect watches to the two loops: Rollouts, and AnalysisRuns, each under its own key."""
    pool, metrics = outside

    def follow(kind: str, change: Change) -> None:
        for key in _rollouts_of(cluster, kind, change.object):
            rollouts.look(key)
        if kind == "AnalysisRun":
            runs.look(_key(change.object))

    def look_at_all() -> None:
        for live in cluster.items("Rollout"):
            rollouts.look(_key(live))
        for live in cluster.items("AnalysisRun"):
            runs.look(_key(live))

    cluster = KubeCluster(client, watches, follow)
    hashes, expressions = GoHashes(pool), GoExpressions(pool)
    store = rollout_states(client, lambda key: cluster.known("Rollout", key))
    ledgers = NotificationLedgers(client, lambda key: cluster.known("Rollout", key))
    reconciler = RolloutReconciler(cluster, hashes, settings.instance_id)
    rollouts = service.reconcile_loop("rollout", reconciler, store, ledgers)
    runs = service.reconcile_loop(
        "analysisrun",
        AnalysisRunReconciler(cluster, metrics, expressions, TogetherOnLoop(), service.clock, settings.instance_id),
        None,
    )
    service.rescan(look_at_all)
    service.ready_when("watches", cluster.synced)


def _rollouts_of(cluster: KubeCluster, kind: str, live: Json) -> list[str]:
    if kind == "Rollout":
        return [_key(live)]
    if kind in OWNED:
        controller = controller_of(live, "Rollout")
        return [controller] if controller else []
    metadata = live["metadata"]
    return naming(cluster.items("Rollout"), kind, str(metadata.get("namespace", "")), str(metadata["name"]))


def _key(live: Json) -> str:
    return f"{live['metadata'].get('namespace', '')}/{live['metadata']['name']}"
