"""Jobs as the worker's protocol has them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from wavegate.goworker import codes
from wavegate.goworker.failures import WorkerError
from wavegate.goworker.jobs import (
    Commit,
    FloatListResult,
    FloatResult,
    HelmJob,
    KustomizeJob,
    KustomizePatch,
    MetricResult,
    NotificationScope,
)
from wavegate.goworker.reading import tree_path

JsonFields = dict[str, Any]

_INLINE_VALUES: Final = "inline values/"
"""The name of the inline values in Helm's errors; no clean path ends with a slash."""


def encode_helm(job: HelmJob, chart: Mapping[str, bytes], files: Mapping[str, bytes]) -> JsonFields:
    """Parameters become Helm's own `--set` texts, inline values one more values file.

    Args:
        job: what is asked.
        chart: the chart's files, relative to its folder.
        files: those that the job names besides, by their clean paths; an absent one is Helm's error.
    """
    fields = asdict(job)
    for name in ("path", "values", "parameters", "file_parameters"):
        del fields[name]
    return fields | {
        "chart": encode_files(chart),
        "files": encode_files({**files, _INLINE_VALUES: job.values.encode()}),
        "kube_version": job.kube_version or "",
        "value_files": [*(tree_path(path) for path in job.value_files), _INLINE_VALUES],
        "set": [f"{p.name}={p.value}" for p in job.parameters if not p.force_string],
        "set_string": [f"{p.name}={p.value}" for p in job.parameters if p.force_string],
        "set_file": [f"{p.name}={tree_path(p.path)}" for p in job.file_parameters],
    }


def encode_files(files: Mapping[str, bytes]) -> dict[str, str]:
    """Contents travel as base64."""
    return {name: b64encode(content).decode() for name, content in files.items()}


def encode_kustomize(job: KustomizeJob, components: Sequence[str]) -> JsonFields:
    """Options become the `kustomize edit` commands that Argo CD runs for them, in its order.

    Args:
        job: what is asked.
        components: those of the job that are to be used.
    """
    return {"path": tree_path(job.path), "edits": _edits(job, components), "limits": asdict(job.limits)}


def _edits(job: KustomizeJob, components: Sequence[str]) -> list[list[str]]:
    labels = {
        "--force": job.force_common_labels,
        "--without-selector": job.label_without_selector,
        "--include-templates": job.label_include_templates,
    }
    replicas = [f"{replica.name}={replica.count}" for replica in job.replicas]
    edits = [
        (["set", "nameprefix"], [job.name_prefix] if job.name_prefix else []),
        (["set", "namesuffix"], [job.name_suffix] if job.name_suffix else []),
        (["set", "image"], list(job.images)),
        (["set", "replicas"], replicas),
        (["add", "label", *_flags(labels)], _pairs(job.common_labels)),
        (["add", "annotation", *_flags({"--force": job.force_common_annotations})], _pairs(job.common_annotations)),
        (["set", "namespace"], [job.namespace] if job.namespace else []),
    ]
    commands = [[*command, "--", *arguments] for command, arguments in edits if arguments]
    commands += [["add", "patch", *_patch(patch)] for patch in job.patches]
    return [*commands, ["add", "component", "--", *components]] if components else commands


def _flags(flags: Mapping[str, bool]) -> list[str]:
    return [flag for flag, wanted in flags.items() if wanted]


def _pairs(pairs: Mapping[str, str]) -> list[str]:
    return [f"{key}:{pairs[key]}" for key in sorted(pairs)]


def _patch(patch: KustomizePatch) -> list[str]:
    if patch.options:
        text = f"patch options ({', '.join(sorted(patch.options))}) cannot be given outside a kustomization file"
        raise WorkerError(codes.FEATURE_REFUSED, text)
    fields = {"path": patch.path, "patch": patch.patch, **(asdict(patch.target) if patch.target else {})}
    return [f"--{name.replace('_', '-')}={value}" for name, value in fields.items() if value]


def encode_scope(scope: NotificationScope) -> JsonFields:
    """Secrets travel as bytes; times as RFC 3339."""
    return {
        "variables": dict(scope.variables),
        "secrets": {name: b64encode(value).decode() for name, value in scope.secrets.items()},
        "now": scope.now.isoformat(),
        "commits": {sha: _commit(commit) for sha, commit in scope.commits.items()},
        "numbers": scope.numbers,
    }


def _commit(commit: Commit) -> JsonFields:
    tags = list(commit.tags)
    return {"Message": commit.message, "Author": commit.author, "Date": commit.date.isoformat(), "Tags": tags}


def encode_metric(result: MetricResult) -> JsonFields:
    """Floats travel as text, since JSON has no NaN and no infinity."""
    match result:
        case FloatResult(value):
            return {"kind": "float", "texts": [repr(float(value))]}
        case FloatListResult(values):
            return {"kind": "floats", "texts": [repr(float(value)) for value in values]}
        case _:
            return {"kind": "json", "value": result.value}
