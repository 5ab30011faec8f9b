"""Arguments of an analysis: where their values come from, and how they get into a metric (rollouts.md §2.7, args)."""

import json
import re
from collections.abc import Mapping
from typing import Any

from wavegate.rollout_analyzer.domain.json_access import mapping
from wavegate.rollout_analyzer.domain.names import Json
from wavegate.rollout_analyzer.domain.promql import Unquotable, spliced

REDACTED = "*****"

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_FIELD_VALUE = re.compile(r"[A-Za-z0-9_.:/@%+,~-]*")
_PATH_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]|\['([^']*)'\]")


class UnresolvedArgument(Exception):
    """An argument has no value; the message is Argo's."""


def secret_references(args: list[Json]) -> dict[str, tuple[str, str]]:
    """Return argument name → (Secret, key) for the arguments that come from Secrets.

    Raises:
        UnresolvedArgument: An argument gives both a value and where to take it from.
    """
    found: dict[str, tuple[str, str]] = {}
    for arg in args:
        reference = mapping(arg, "valueFrom", "secretKeyRef")
        if not arg.get("valueFrom"):
            continue
        if arg.get("value") is not None:
            raise UnresolvedArgument(f"arg '{arg.get('name')}' has both Value and ValueFrom fields")
        if reference:
            found[str(arg.get("name"))] = (str(reference.get("name") or ""), str(reference.get("key") or ""))
    return found


def values(args: list[Json], secrets: Mapping[str, str]) -> dict[str, str]:
    """Return the value of each argument.

    Raises:
        UnresolvedArgument: One has none.
    """
    resolved: dict[str, str] = {}
    for arg in args:
        name = str(arg.get("name"))
        if name in secrets:
            resolved[name] = secrets[name]
        elif arg.get("value") is not None:
            resolved[name] = str(arg["value"])
        else:
            raise UnresolvedArgument(f"args.{name} was not resolved")
    return resolved


def substituted(metric: Json, known: Mapping[str, str]) -> Json:
    """Return a metric with every `{{ args.x }}` replaced, in every string of it.

    Argo replaces in the metric's JSON text, a value quoted as a JSON string, so that it can never leave the string that
    it stands in; replacing in each string is the same. In a Prometheus query it cannot leave PromQL's strings either.

    Raises:
        UnresolvedArgument: A tag names no argument, or a value cannot stand where it is meant to.
    """
    prometheus = mapping(metric, "provider", "prometheus")
    replaced: Json = {key: _replaced(value, known) for key, value in metric.items()}
    if isinstance(prometheus.get("query"), str):
        try:
            query = spliced(prometheus["query"], lambda tag: _value(tag, known))
        except Unquotable as trouble:
            raise UnresolvedArgument(str(trouble)) from None
        replaced["provider"]["prometheus"]["query"] = query
    return replaced


def _replaced(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _TAG.sub(lambda tag: _value(tag.group(1).strip(), known), value)
    if isinstance(value, dict):
        return {key: _replaced(one, known) for key, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, known) for one in value]
    return value


def _value(tag: str, known: Mapping[str, str]) -> str:
    name = tag.removeprefix("args.")
    if not tag.startswith("args.") or name not in known:
        raise UnresolvedArgument(f"failed to resolve {{{{{tag}}}}}")
    return known[name]


def redacted(text: str, secrets: Mapping[str, str]) -> str:
    """Return a text without the values of secrets."""
    for secret in sorted(secrets.values(), key=len, reverse=True):
        if secret:
            text = text.replace(secret, REDACTED)
    return text


def from_rollout(args: tuple[Json, ...], rollout: Json, latest: str, stable: str) -> list[Json]:
    """Return a step's arguments with the values that come from the Rollout (rollouts.md §1, args).

    Raises:
        UnresolvedArgument: A field path leads nowhere.
    """
    return [_from_rollout(arg, rollout, {"Latest": latest, "Stable": stable}) for arg in args]


def _from_rollout(arg: Json, rollout: Json, hashes: Mapping[str, str]) -> Json:
    name, source = str(arg.get("name")), mapping(arg, "valueFrom")
    if source.get("podTemplateHashValue") in hashes:
        return {"name": name, "value": hashes[str(source["podTemplateHashValue"])]}
    if field := mapping(source, "fieldRef"):
        return {"name": name, "value": field_value(rollout, str(field.get("fieldPath") or ""))}
    return {"name": name, "value": str(arg.get("value") or "")}


def field_value(rollout: Json, path: str) -> str:
    """Return the text at a field path such as `metadata.labels['app']` or `spec.template.spec.containers[0].image`.

    Labels and annotations may be written by others than the template's author: only names, numbers, images and the like
    pass, nothing that could rewrite a query or a condition (reliability.md S61).

    Raises:
        UnresolvedArgument: Nothing stands there, no single value, or one with other characters.
    """
    value: Any = rollout
    for part in _PATH_PART.finditer(path):
        key, index, quoted = part.groups()
        value = _child(value, key if quoted is None else quoted, index)
    if value is None or isinstance(value, (dict, list)) or not path:
        raise UnresolvedArgument(f"invalid path {path} in rollout")
    found = value if isinstance(value, str) else json.dumps(value)
    if not _FIELD_VALUE.fullmatch(found):
        raise UnresolvedArgument(f"the value at {path} holds characters that may not go into a query or a condition")
    return found


def _child(value: Any, key: str | None, index: str | None) -> Any:
    if index is not None:
        return value[int(index)] if isinstance(value, list) and int(index) < len(value) else None
    return value.get(key) if isinstance(value, dict) else None
