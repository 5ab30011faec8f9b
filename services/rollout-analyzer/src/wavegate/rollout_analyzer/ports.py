"""What the handlers need from outside, in the domain's words."""

from collections.abc import Awaitable, Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from wavegate.rollout_analyzer.domain.actions import CreateReplicaSet, CreateRun, Delete, Outcome, Patch
from wavegate.rollout_analyzer.domain.metrics import PrometheusQuery
from wavegate.rollout_analyzer.domain.names import Json
from wavegate.rollout_analyzer.domain.verdict import MetricValue

ResultT = TypeVar("ResultT")


class ConditionFailed(Exception):
    """A condition could not be evaluated; the message is the expression language's own."""


class MetricFailed(Exception):
    """A metric could not be measured; the message is for people and holds no secret of ours."""


class TemplateUnhashable(Exception):
    """A pod template or list of steps is not of its Kubernetes type, so that it has no hash."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present, aware, in UTC."""


class Cluster(Protocol):
    """The objects of the cluster, as new as our own last write to them."""

    async def get(self, kind: str, namespace: str, name: str) -> Json | None:
        """Return an object, None when there is none.

        Raises:
            RetryLater: The cluster cannot be asked now.
        """

    async def serves(self, kind: str) -> bool:
        """Tell whether the cluster knows a kind."""

    async def owned(self, kind: str, namespace: str, owner_uid: str) -> Sequence[Json]:
        """Return the objects of a kind whose controller is the object with this uid."""

    async def names(self, kind: str, namespace: str) -> frozenset[str]:
        """Return the names of all objects of a kind in a namespace."""

    async def secret_value(self, namespace: str, name: str, key: str) -> str | None:
        """Return one value of a Secret, None when Secret or key is not there."""

    async def perform(self, action: CreateReplicaSet | CreateRun | Patch | Delete) -> tuple[Outcome, ...]:
        """Do one thing and say what came of it.

        Raises:
            StateConflict: The object is not at the version that the action was decided on.
            RetryLater, Rejected: As the cluster answered.
        """


class Hashes(Protocol):
    """Argo's hashes, which name ReplicaSets and notice changed steps."""

    async def pod_template(self, template: Json, collisions: int | None) -> str:
        """Return the pod-template hash.

        Raises:
            TemplateUnhashable: It is no pod template.
        """

    async def steps(self, steps: Sequence[Json]) -> str:
        """Return the hash of canary steps.

        Raises:
            TemplateUnhashable: They are no steps.
        """


class Expressions(Protocol):
    """The language of analysis conditions."""

    async def holds(self, condition: str, value: MetricValue) -> bool:
        """Tell whether a condition holds for a value.

        Raises:
            ConditionFailed: It cannot be evaluated.
        """


class Metrics(Protocol):
    """Where metrics come from."""

    async def query(self, query: PrometheusQuery) -> MetricValue:
        """Ask for a metric's value now.

        Raises:
            MetricFailed: There is no answer, or none that can be used.
        """


class Together(Protocol):
    """Parallelism."""

    async def run(self, jobs: Iterable[Awaitable[ResultT]]) -> list[ResultT]:
        """Run a bounded number of jobs at a time and return their results in order."""
