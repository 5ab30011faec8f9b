"""Jobs as the worker's protocol has them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

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


def encode_helm(job: HelmJob) -> JsonFields:
    """Parameters become Helm's own `--set` texts; paths are made clean."""
    fields = asdict(job)
    del fields["parameters"], fields["file_parameters"]
    return fields | {
        "path": tree_path(job.path),
        "kube_version": job.kube_version or "",
        "value_files": [tree_path(path) for path in job.value_files],
        "set": [f"{p.name}={p.value}" for p in job.parameters if not p.force_string],
        "set_string": [f"{p.name}={p.value}" for p in job.parameters if p.force_string],
        "set_file": [f"{p.name}={tree_path(p.path)}" for p in job.file_parameters],
    }


def encode_kustomize(job: KustomizeJob) -> JsonFields:
    """Options become the `kustomize edit` commands that Argo CD runs for them, in its order."""
    return {
        "path": tree_path(job.path),
        "edits": list(_edits(job)),
        "patches": [_patch(patch) for patch in job.patches],
        "components": list(job.components),
        "ignore_missing_components": job.ignore_missing_components,
        "limits": asdict(job.limits),
    }


def _edits(job: KustomizeJob) -> list[list[str]]:
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
    return [[*command, "--", *arguments] for command, arguments in edits if arguments]


def _flags(flags: Mapping[str, bool]) -> list[str]:
    return [flag for flag, wanted in flags.items() if wanted]


def _pairs(pairs: Mapping[str, str]) -> list[str]:
    return [f"{key}:{pairs[key]}" for key in sorted(pairs)]


def _patch(patch: KustomizePatch) -> JsonFields:
    fields: JsonFields = {"path": patch.path, "patch": patch.patch, "options": dict(patch.options)}
    if patch.target is not None:
        target = asdict(patch.target)
        target["labelSelector"] = target.pop("label_selector")
        target["annotationSelector"] = target.pop("annotation_selector")
        fields["target"] = {key: value for key, value in target.items() if value}
    return {key: value for key, value in fields.items() if value}


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
