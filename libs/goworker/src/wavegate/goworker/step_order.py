"""Canary steps in the field order of Argo Rollouts' Go types, for `status.currentStepHash`.

Argo hashes Go's JSON of its typed steps: fields in the order of the type, empty optional ones left out. The order is
that of `pkg/apis/rollouts/v1alpha1/types.go`. What is approximated: an experiment's own templates and a plugin's
`config` keep the order of their keys as given, and numbers keep their spelling.
A difference only makes Argo and Wavegate disagree about a rollout that is handed over in the middle of its steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class _Fields:
    """A Go struct: its fields in order, the struct type of those that hold one, and those written even when empty."""

    names: tuple[str, ...]
    types: Mapping[str, _Fields] = field(default_factory=dict)
    always: frozenset[str] = frozenset()


_VALUE_FROM: Final = _Fields(
    ("podTemplateHashValue", "fieldRef"), {"fieldRef": _Fields(("fieldPath",), {}, frozenset({"fieldPath"}))}
)
_ARGUMENT: Final = _Fields(("name", "value", "valueFrom"), {"valueFrom": _VALUE_FROM}, frozenset({"name"}))
_TEMPLATE_REF: Final = _Fields(("templateName", "clusterScope"), {}, frozenset({"templateName"}))
_DRY_RUN: Final = _Fields(("metricName",), {}, frozenset({"metricName"}))
_RETENTION: Final = _Fields(("metricName", "limit"), {}, frozenset({"metricName", "limit"}))
_METADATA: Final = _Fields(("labels", "annotations"))
_ANALYSIS: Final = _Fields(
    ("templates", "args", "dryRun", "measurementRetention", "analysisRunMetadata"),
    {
        "templates": _TEMPLATE_REF,
        "args": _ARGUMENT,
        "dryRun": _DRY_RUN,
        "measurementRetention": _RETENTION,
        "analysisRunMetadata": _METADATA,
    },
)
_STRING_MATCH: Final = _Fields(("exact", "prefix", "regex"))
_HEADER_MATCH: Final = _Fields(
    ("headerName", "headerValue"), {"headerValue": _STRING_MATCH}, frozenset({"headerName", "headerValue"})
)
_ROUTE_MATCH: Final = _Fields(("method", "path", "headers"), {"method": _STRING_MATCH, "path": _STRING_MATCH})
_STEP: Final = _Fields(
    (
        "setWeight",
        "pause",
        "experiment",
        "analysis",
        "setCanaryScale",
        "setHeaderRoute",
        "setMirrorRoute",
        "plugin",
    ),
    {
        "pause": _Fields(("duration",)),
        "experiment": _Fields(("templates", "duration", "analyses", "dryRun", "analysisRunMetadata")),
        "analysis": _ANALYSIS,
        "setCanaryScale": _Fields(("weight", "replicas", "matchTrafficWeight")),
        "setHeaderRoute": _Fields(("name", "match"), {"match": _HEADER_MATCH}),
        "setMirrorRoute": _Fields(("name", "match", "percentage"), {"match": _ROUTE_MATCH}, frozenset({"name"})),
        "plugin": _Fields(("name", "config"), {}, frozenset({"name"})),
    },
)
_POINTERS: Final = frozenset({"setWeight", "weight", "replicas", "percentage", "duration"})
"""Optional numbers and strings that Go keeps behind a pointer: 0 and "" are written, absent is not."""


def ordered_steps(steps: list[dict[str, Any]] | None) -> list[Any] | None:
    """The steps as Argo's types write them; fields that the types do not have are dropped, as Go drops them."""
    return None if steps is None else [_ordered(step, _STEP) for step in steps]


def _ordered(value: Any, fields: _Fields) -> Any:
    if isinstance(value, list):
        return [_ordered(item, fields) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _ordered(value[name], fields.types[name]) if name in fields.types else value[name]
        for name in fields.names
        if _is_written(name, value, fields)
    }


def _is_written(name: str, value: Mapping[str, Any], fields: _Fields) -> bool:
    found = value.get(name)
    if found is None:
        return False
    written = name in fields.always or name in _POINTERS or isinstance(found, dict)
    return written or bool(found)
