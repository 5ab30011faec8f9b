"""Helm, Kustomize and YAML by the Go worker; its failures become reasons of ours."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from wavegate.argo.application import KustomizePatch as Patch
from wavegate.argo.application import KustomizeSource
from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.goworker import (
    GoWorkerFailure,
    GoWorkerPool,
    HelmFileParameter,
    HelmJob,
    HelmParameter,
    KustomizeJob,
    KustomizePatch,
    KustomizeReplica,
    KustomizeTarget,
    WorkerCrashed,
    WorkerError,
    WorkerOutOfMemory,
    WorkerTimeout,
    YamlLimits,
    codes,
)
from wavegate.renderer.domain.plans import HelmPlan, KustomizePlan
from wavegate.renderer.ports import Files, JsonObject

RENDER_SECONDS = 90.0
PARSE_SECONDS = 20.0
LIMITS = YamlLimits(max_bytes=64 << 20)

_REASONS = {
    codes.YAML_INVALID: Reason.INVALID_MANIFEST,
    codes.HELM_FAILED: Reason.HELM_FAILED,
    codes.KUSTOMIZE_FAILED: Reason.KUSTOMIZE_FAILED,
    codes.REMOTE_BASE_FORBIDDEN: Reason.REMOTE_BASE_FORBIDDEN,
    codes.FEATURE_REFUSED: Reason.FEATURE_UNSUPPORTED,
    codes.FILE_FAILED: Reason.PATH_OUTSIDE_REPOSITORY,
    codes.DEADLINE: Reason.RENDER_TIMEOUT,
    codes.REQUEST_TOO_LARGE: Reason.MANIFEST_TOO_LARGE,
    codes.RESPONSE_TOO_LARGE: Reason.MANIFEST_TOO_LARGE,
}
_LIMITS = (
    ("nested deeper", Reason.TOO_DEEP),
    ("aliases expand", Reason.ALIAS_BOMB),
    ("documents", Reason.TOO_MANY_OBJECTS),
)


class GoTools:
    """The tools, as one pool of workers runs them."""

    def __init__(self, pool: GoWorkerPool, version: str) -> None:
        self._pool = pool
        self._version = version

    @property
    def version(self) -> str:
        """Return what tells one build of the worker from another."""
        return self._version

    async def helm(self, plan: HelmPlan, files: Files) -> Sequence[JsonObject]:
        """Render a chart."""
        try:
            return (await self._pool.helm(_helm_job(plan), files, deadline=RENDER_SECONDS)).objects
        except GoWorkerFailure as failure:
            raise refusal(failure) from failure

    async def kustomize(self, plan: KustomizePlan, files: Files) -> Sequence[JsonObject]:
        """Build a kustomization."""
        try:
            job = _kustomize_job(plan.path, plan.options)
            return (await self._pool.kustomize(job, files, deadline=RENDER_SECONDS)).objects
        except GoWorkerFailure as failure:
            raise refusal(failure) from failure

    async def parse(self, text: str | bytes) -> Sequence[JsonObject]:
        """Return the objects of a text."""
        try:
            return await self._pool.parse_yaml(text, LIMITS, deadline=PARSE_SECONDS)
        except GoWorkerFailure as failure:
            raise refusal(failure) from failure


def version_of(binary: Path) -> str:
    """Return the digest of the worker's binary: whoever runs the same one may share what it rendered."""
    with binary.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def refusal(failure: GoWorkerFailure) -> Rejected:
    """Return a worker's failure as a refusal of the input; a malformed job is a defect of ours and raised as it is."""
    match failure:
        case WorkerTimeout():
            return Rejected(Reason.RENDER_TIMEOUT, str(failure))
        case WorkerOutOfMemory():
            return Rejected(Reason.RENDER_OUT_OF_MEMORY, str(failure))
        case WorkerCrashed():
            return Rejected(Reason.RENDER_CRASHED, str(failure))
        case WorkerError(code=codes.YAML_LIMIT):
            found = (reason for sign, reason in _LIMITS if sign in failure.message)
            return Rejected(next(found, Reason.MANIFEST_TOO_LARGE), failure.message)
        case WorkerError() if failure.code in _REASONS:
            return Rejected(_REASONS[failure.code], failure.message)
    raise failure


def _helm_job(plan: HelmPlan) -> HelmJob:
    return HelmJob(
        path=plan.path,
        release_name=plan.release_name,
        namespace=plan.namespace,
        kube_version=plan.kube_version or None,
        api_versions=plan.api_versions,
        value_files=plan.value_files,
        values=plan.values,
        parameters=tuple(HelmParameter(one.name, one.value, one.force_string) for one in plan.parameters),
        file_parameters=tuple(HelmFileParameter(one.name, one.value) for one in plan.file_parameters),
        skip_crds=plan.skip_crds,
        skip_tests=plan.skip_tests,
        skip_schema_validation=plan.skip_schema_validation,
        limits=LIMITS,
    )


def _kustomize_job(path: str, options: KustomizeSource) -> KustomizeJob:
    return KustomizeJob(
        path=path,
        name_prefix=options.name_prefix,
        name_suffix=options.name_suffix,
        namespace=options.namespace,
        images=options.images,
        replicas=tuple(KustomizeReplica(one.name, _count(one.name, one.count)) for one in options.replicas),
        common_labels=options.common_labels,
        common_annotations=options.common_annotations,
        force_common_labels=options.force_common_labels,
        force_common_annotations=options.force_common_annotations,
        label_without_selector=options.label_without_selector,
        label_include_templates=options.label_include_templates,
        patches=tuple(_patch(one) for one in options.patches),
        components=options.components,
        ignore_missing_components=options.ignore_missing_components,
        limits=LIMITS,
    )


def _patch(patch: Patch) -> KustomizePatch:
    target = KustomizeTarget(**patch.target.model_dump()) if patch.target else None
    return KustomizePatch(patch.path, patch.patch, target, patch.options)


def _count(name: str, count: int | str) -> int:
    try:
        return int(count)
    except ValueError as error:
        raise Rejected(Reason.INVALID_SPEC, f"kustomize.replicas: {name}: {count!r} is not a number") from error
