"""The embedded languages of the YAML that Wavegate honours, run by their own Go libraries.

`GoWorkerPool` keeps a few worker processes warm and offers one typed method for each language. The worker decides
nothing: it renders, parses and evaluates. See `docs` of each job in `jobs.py`, and `failures.py` for what is raised.
"""

from __future__ import annotations

from wavegate.goworker import binary, codes
from wavegate.goworker.client import GoWorkerPool
from wavegate.goworker.failures import GoWorkerFailure, WorkerCrashed, WorkerError, WorkerOutOfMemory, WorkerTimeout
from wavegate.goworker.files import AskedPath, FileKind, FileSource, Question
from wavegate.goworker.jobs import (
    Commit,
    FloatListResult,
    FloatResult,
    HelmFileParameter,
    HelmJob,
    HelmParameter,
    JsonObject,
    JsonResult,
    KustomizeJob,
    KustomizePatch,
    KustomizeReplica,
    KustomizeTarget,
    MetricResult,
    NotificationScope,
    Numbers,
    Rendered,
    TriggerVerdict,
    YamlLimits,
)
from wavegate.goworker.memory_files import MemoryFiles

__all__ = [
    "AskedPath",
    "Commit",
    "FileKind",
    "FileSource",
    "FloatListResult",
    "FloatResult",
    "GoWorkerFailure",
    "GoWorkerPool",
    "HelmFileParameter",
    "HelmJob",
    "HelmParameter",
    "JsonObject",
    "JsonResult",
    "KustomizeJob",
    "KustomizePatch",
    "KustomizeReplica",
    "KustomizeTarget",
    "MemoryFiles",
    "MetricResult",
    "NotificationScope",
    "Numbers",
    "Question",
    "Rendered",
    "TriggerVerdict",
    "WorkerCrashed",
    "WorkerError",
    "WorkerOutOfMemory",
    "WorkerTimeout",
    "YamlLimits",
    "binary",
    "codes",
]
