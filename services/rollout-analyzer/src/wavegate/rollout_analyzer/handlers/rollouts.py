"""Work on a Rollout. Key: `<namespace>/<name>`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wavegate.contracts.reconciling import Decision, Hint
from wavegate.rollout_analyzer.domain.actions import Action, Outcome, Refused, TakeMeasurements
from wavegate.rollout_analyzer.domain.announcing import tell
from wavegate.rollout_analyzer.domain.instances import is_ours
from wavegate.rollout_analyzer.domain.istio_spec import Istio
from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import Json
from wavegate.rollout_analyzer.domain.observation import Observation
from wavegate.rollout_analyzer.domain.problems import Unusable
from wavegate.rollout_analyzer.domain.references import ISTIO_KIND, key_of
from wavegate.rollout_analyzer.domain.replica_sets import read_replica_set
from wavegate.rollout_analyzer.domain.rollout_decision import planned
from wavegate.rollout_analyzer.domain.rollout_spec import RolloutSpec, read_spec
from wavegate.rollout_analyzer.domain.runs import read_run
from wavegate.rollout_analyzer.domain.state import RolloutState
from wavegate.rollout_analyzer.domain.steps import Analysis, TemplateRef
from wavegate.rollout_analyzer.domain.templates import NESTED_LIMIT, nested
from wavegate.rollout_analyzer.ports import Cluster, Hashes, TemplateUnhashable


@dataclass(slots=True)
class RolloutReconciler:
    """The controller of Rollouts. `instance` is the instance id that it serves, empty for Rollouts without one."""

    cluster: Cluster
    hashes: Hashes
    instance: str = ""

    async def observe(self, key: str, state: RolloutState | None, hints: Sequence[Hint]) -> Observation | None:
        """Look at a Rollout and everything that it names; None when it is gone or not ours."""
        del state, hints
        namespace, _, name = key.partition("/")
        rollout = await self.cluster.get("Rollout", namespace, name)
        if (
            rollout is None
            or mapping(rollout, "metadata").get("deletionTimestamp")
            or not is_ours(rollout, self.instance)
        ):
            return None
        try:
            spec = read_spec(mapping(rollout, "spec"))
        except Unusable:
            return Observation(rollout)
        return await self._around(rollout, spec)

    def decide(
        self, observed: Observation, state: RolloutState | None, outcomes: Sequence[Outcome], now: datetime
    ) -> Decision[RolloutState, Action]:
        """Decide, and tell what is seen to have happened."""
        plan = planned(observed, outcomes, now)
        told, events = tell(observed, plan.look, plan.problem, state)
        return Decision(told, plan.actions, events, plan.wake_at)

    async def act(self, key: str, observed: Observation, actions: Sequence[Action]) -> Sequence[Outcome]:
        """Do what was decided, in order; the first refusal ends it."""
        del key, observed
        outcomes: list[Outcome] = []
        for action in actions:
            if not isinstance(action, TakeMeasurements):
                outcomes.extend(await self.cluster.perform(action))
            if any(isinstance(outcome, Refused) for outcome in outcomes):
                break
        return outcomes

    async def _around(self, rollout: Json, spec: RolloutSpec) -> Observation:
        metadata = mapping(rollout, "metadata")
        namespace, uid = str(metadata["namespace"]), str(metadata["uid"])
        hashes = await self._hashed(rollout, spec)
        sets = await self.cluster.owned("ReplicaSet", namespace, uid)
        runs = await self.cluster.owned("AnalysisRun", namespace, uid)
        istio = await self._istio(namespace, spec.canary.istio)
        return Observation(
            rollout,
            pod_hash=hashes[0],
            steps_hash=hashes[1],
            hash_trouble=hashes[2],
            replica_sets=tuple(read_replica_set(one) for one in sets),
            services=await self._named("Service", namespace, (spec.canary.canary_service, spec.canary.stable_service)),
            templates=await self._templates(namespace, spec),
            runs=tuple(read_run(one) for one in runs),
            taken_run_names=await self.cluster.names("AnalysisRun", namespace),
            virtual_services=istio.virtual_services,
            destination_rules=istio.destination_rules,
            missing_kinds=istio.missing_kinds,
        )

    async def _hashed(self, rollout: Json, spec: RolloutSpec) -> tuple[str, str, str]:
        collisions = mapping(rollout, "status").get("collisionCount")
        steps = mapping(rollout, "spec", "strategy", "canary").get("steps") or []
        try:
            pod = await self.hashes.pod_template(spec.template, collisions)
            return pod, await self.hashes.steps(steps), ""
        except TemplateUnhashable as trouble:
            return "", "", str(trouble)

    async def _named(self, kind: str, namespace: str, names: Sequence[str]) -> dict[str, Json | None]:
        return {name: await self.cluster.get(kind, namespace, name) for name in names if name}

    async def _templates(self, namespace: str, spec: RolloutSpec) -> dict[TemplateRef, Json | None]:
        waiting = [one for step in spec.canary.steps if isinstance(step, Analysis) for one in step.templates]
        found: dict[TemplateRef, Json | None] = {}
        while waiting and len(found) < NESTED_LIMIT:
            reference = waiting.pop(0)
            if reference in found:
                continue
            kind, place = ("ClusterAnalysisTemplate", "") if reference.cluster else ("AnalysisTemplate", namespace)
            found[reference] = await self.cluster.get(kind, place, reference.name)
            waiting.extend(nested(mapping(found[reference], "spec")))
        return found

    async def _istio(self, namespace: str, istio: Istio | None) -> "_IstioObjects":
        if istio is None:
            return _IstioObjects()
        if not await self.cluster.serves(ISTIO_KIND):
            return _IstioObjects(missing_kinds=frozenset({ISTIO_KIND}))
        services: dict[str, Json | None] = {}
        for reference in istio.virtual_services:
            key = key_of(reference, namespace)
            services[key] = await self.cluster.get(ISTIO_KIND, key.partition("/")[0], reference.name)
        rule = istio.subsets.rule if istio.subsets else ""
        return _IstioObjects(services, await self._named("DestinationRule", namespace, (rule,)))


@dataclass(frozen=True, slots=True)
class _IstioObjects:
    virtual_services: dict[str, Json | None] = field(default_factory=dict)
    destination_rules: dict[str, Json | None] = field(default_factory=dict)
    missing_kinds: frozenset[str] = frozenset()
