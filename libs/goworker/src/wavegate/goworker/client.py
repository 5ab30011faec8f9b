"""The pool of workers and its typed questions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from wavegate.goworker.files import FileSource
from wavegate.goworker.jobs import (
    HelmJob,
    JsonObject,
    KustomizeJob,
    MetricResult,
    NotificationScope,
    Rendered,
    TriggerVerdict,
    YamlLimits,
)


class GoWorkerPool:
    """A few warm worker processes; use as an async context manager.

    Every method takes `deadline` in seconds and raises the failures of `wavegate.goworker.failures`. A job waits for
    a free worker; the wait does not count against its deadline.
    """

    def __init__(self, binary: Path, *, size: int = 2, memory_limit_bytes: int = 512 << 20) -> None:
        self._binary, self._size, self._memory_limit = binary, size, memory_limit_bytes

    async def __aenter__(self) -> Self:
        """Start the workers."""
        raise NotImplementedError

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill the workers."""
        raise NotImplementedError

    async def helm(self, job: HelmJob, files: FileSource, *, deadline: float = 60.0) -> Rendered:
        """Render a chart."""
        raise NotImplementedError

    async def kustomize(self, job: KustomizeJob, files: FileSource, *, deadline: float = 60.0) -> Rendered:
        """Build a kustomization."""
        raise NotImplementedError

    async def parse_yaml(
        self, text: str | bytes, limits: YamlLimits | None = None, *, deadline: float = 10.0
    ) -> tuple[JsonObject, ...]:
        """The objects of a text of YAML or JSON documents, empty ones left out."""
        raise NotImplementedError

    async def template(
        self, texts: Mapping[str, str], scope: NotificationScope, *, deadline: float = 5.0
    ) -> dict[str, str]:
        """Each Go template of `texts` rendered, under its own name; the first that fails is raised, named."""
        raise NotImplementedError

    async def evaluate_analysis(self, condition: str, result: MetricResult, *, deadline: float = 5.0) -> bool:
        """An AnalysisRun condition over a metric's result; `WorkerError` holds Argo Rollouts' exact text."""
        raise NotImplementedError

    async def evaluate_trigger(
        self, when: str, scope: NotificationScope, *, once_per: str = "", deadline: float = 5.0
    ) -> TriggerVerdict:
        """A notification trigger's condition; errors are part of the verdict."""
        raise NotImplementedError

    async def jq(self, program: str, value: Any, *, deadline: float = 1.0) -> tuple[Any, ...]:
        """All results of a jq program on one JSON value."""
        raise NotImplementedError

    async def pod_template_hash(self, template: JsonObject, collision_count: int | None = None) -> str:
        """The value of `rollouts-pod-template-hash` for a pod template."""
        raise NotImplementedError

    async def steps_hash(self, steps: list[JsonObject]) -> str:
        """The value of a Rollout's `status.currentStepHash` for `spec.strategy.canary.steps`."""
        raise NotImplementedError
