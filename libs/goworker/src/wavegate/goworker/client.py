"""The pool of workers and its typed questions."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from wavegate.goworker import codes
from wavegate.goworker.encoding import encode_files, encode_helm, encode_kustomize, encode_metric, encode_scope
from wavegate.goworker.failures import WorkerError
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
from wavegate.goworker.process import Answer, ProcessLimits
from wavegate.goworker.reading import PRELOAD_BYTES, PRELOAD_FILES, ReadRecord, preload, preload_chart, tree_path
from wavegate.goworker.step_order import ordered_steps
from wavegate.goworker.workers import IDLE_SECONDS, Workers


async def _no_files(_question: dict[str, str]) -> dict[str, Any]:
    return {"error": "this job has no files"}


async def _components(job: KustomizeJob, record: ReadRecord) -> list[str]:
    if not job.ignore_missing_components:
        return list(job.components)
    return [name for name in job.components if await record.stat(tree_path(f"{job.path}/{name}"))]


class GoWorkerPool:
    """A few worker processes, one of them always warm; use as an async context manager.

    Every method takes `deadline` in seconds and raises the failures of `wavegate.goworker.failures`. A job waits for
    a free worker; the wait does not count against its deadline. A worker that was killed, or died, is replaced when
    the next job needs it.

    Args:
        binary: the worker's program, see `binary.locate`.
        size: how many jobs run at once.
        memory_limit_bytes: resident memory of one worker.
        max_message_bytes: of one job, and of one answer, as they travel.
    """

    def __init__(
        self,
        binary: Path,
        *,
        size: int = 2,
        memory_limit_bytes: int = 512 << 20,
        max_message_bytes: int = 64 << 20,
    ) -> None:
        limits = ProcessLimits(memory_limit_bytes, max_message_bytes, max_message_bytes)
        self._workers = Workers((str(binary),), size, limits, IDLE_SECONDS)

    async def __aenter__(self) -> Self:
        """Start the first worker."""
        await self._workers.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the jobs that run, and end all workers."""
        await self._workers.stop()

    async def _run(self, operation: str, fields: dict[str, Any], deadline: float, answer: Answer = _no_files) -> Any:
        return await self._workers.run(operation, fields, answer, deadline)

    async def helm(self, job: HelmJob, files: FileSource, *, deadline: float = 60.0) -> Rendered:
        """Render a chart."""
        root = tree_path(job.path)
        record = ReadRecord(files, root)
        named: dict[str, bytes] = {}
        for path in map(tree_path, (*job.value_files, *(parameter.path for parameter in job.file_parameters))):
            content = await record.read(path)
            if content is not None:
                named[path] = content
        fields = encode_helm(job, await preload_chart(files, root), named)
        return Rendered(tuple(await self._run("helm", {"job": fields}, deadline)), record.asked)

    async def kustomize(self, job: KustomizeJob, files: FileSource, *, deadline: float = 60.0) -> Rendered:
        """Build a kustomization."""
        root = tree_path(job.path)
        record = ReadRecord(files, root)
        sent = await preload(files, root, max_files=PRELOAD_FILES, max_bytes=PRELOAD_BYTES)
        fields = {
            "job": encode_kustomize(job, await _components(job, record)),
            "root": root,
            "complete": sent.complete,
            "files": encode_files(sent.files),
            "folders": sent.folders,
        }
        try:
            built = await self._run("kustomize", fields, deadline, record.answer)
        except Exception:
            if record.failure is not None:
                raise record.failure from None
            raise
        return Rendered(tuple(built), record.asked)

    async def parse_yaml(
        self, text: str | bytes, limits: YamlLimits | None = None, *, deadline: float = 10.0
    ) -> tuple[JsonObject, ...]:
        """The objects of a text of YAML or JSON documents, empty ones left out; anything but an object is an error."""
        return tuple(await self._yaml(text, limits, deadline, objects=True))

    async def parse_yaml_values(
        self, text: str | bytes, limits: YamlLimits | None = None, *, deadline: float = 10.0
    ) -> tuple[Any, ...]:
        """As `parse_yaml`, for documents that may be lists or scalars too, such as a trigger's list of conditions."""
        return tuple(await self._yaml(text, limits, deadline, objects=False))

    async def _yaml(self, text: str | bytes, limits: YamlLimits | None, deadline: float, *, objects: bool) -> list[Any]:
        content = text.encode() if isinstance(text, str) else text
        job = {"text": b64encode(content).decode(), "objects": objects, "limits": asdict(limits or YamlLimits())}
        parsed: list[Any] = await self._run("yaml", {"job": job}, deadline)
        return parsed

    async def template(
        self, texts: Mapping[str, str], scope: NotificationScope, *, deadline: float = 5.0
    ) -> dict[str, str]:
        """Each Go template of `texts` rendered, under its own name; the first that fails is raised, named."""
        job = {"texts": dict(texts), "scope": encode_scope(scope)}
        rendered: dict[str, str] = await self._run("template", {"job": job}, deadline)
        return rendered

    async def evaluate_analysis(self, condition: str, result: MetricResult, *, deadline: float = 5.0) -> bool:
        """An AnalysisRun condition over a metric's result; `WorkerError` holds Argo Rollouts' exact text."""
        job = {"condition": condition, "result": encode_metric(result)}
        value = await self._run("analysis", {"job": job}, deadline)
        if value["type"] != "bool":
            raise WorkerError(codes.EXPRESSION_FAILED, f"expected bool, but got {value['type']}")
        return bool(value["text"] == "true")

    async def evaluate_trigger(
        self, when: str, scope: NotificationScope, *, once_per: str = "", deadline: float = 5.0
    ) -> TriggerVerdict:
        """A notification trigger's condition; errors are part of the verdict."""
        fields = encode_scope(scope)
        try:
            value = await self._run("expression", {"job": {"text": when or "false", "scope": fields}}, deadline)
            triggered = value == {"type": "bool", "text": "true"}
        except WorkerError as error:
            return TriggerVerdict(triggered=False, error=error.message)
        if not triggered or not once_per:
            problem = "" if value["type"] == "bool" else f"expected bool, but got {value['type']}"
            return TriggerVerdict(triggered, error=problem)
        try:
            value = await self._run("expression", {"job": {"text": once_per, "scope": fields}}, deadline)
        except WorkerError as error:
            return TriggerVerdict(triggered=True, error=error.message)
        return TriggerVerdict(triggered=True, once_per=value["text"])

    async def jq(self, program: str, value: Any, *, deadline: float = 1.0) -> tuple[Any, ...]:
        """All results of a jq program on one JSON value."""
        return tuple(await self._run("jq", {"job": {"program": program, "value": value}}, deadline))

    async def pod_template_hash(
        self, template: JsonObject, collision_count: int | None = None, *, deadline: float = 5.0
    ) -> str:
        """The value of `rollouts-pod-template-hash` for a pod template."""
        job = {"template": template, "collision_count": collision_count}
        return str(await self._run("podhash", {"job": job}, deadline))

    async def steps_hash(self, steps: list[JsonObject] | None, *, deadline: float = 5.0) -> str:
        """The value of a Rollout's `status.currentStepHash` for `spec.strategy.canary.steps`."""
        return str(await self._run("stepshash", {"job": ordered_steps(steps)}, deadline))
