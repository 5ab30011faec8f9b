"""Secrets never leave the cluster in a message: not in an event, a condition, a log or a notification.

The API server's own words may quote a value that it refused; whatever a Secret among the objects at hand holds is struck
from such texts, in its plain and its base64 form.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from wavegate.manifests.identity import LAST_APPLIED_ANNOTATION, GroupKind, JsonObject, annotations_of, group_kind_of

MASK = "++++++++"
SECRET = GroupKind("", "Secret")
_SHORTEST = 4
"""Values shorter than this say nothing and would strike out half the text."""


def masked(obj: JsonObject) -> JsonObject:
    """Return an object that may be shown: a Secret's values, and kubectl's copy of them, are masked."""
    if group_kind_of(obj) != SECRET:
        return obj
    result = {
        key: dict.fromkeys(value, MASK) if key in {"data", "stringData"} and isinstance(value, Mapping) else value
        for key, value in obj.items()
    }
    if LAST_APPLIED_ANNOTATION in annotations_of(obj):
        annotations = {**annotations_of(obj), LAST_APPLIED_ANNOTATION: MASK}
        result["metadata"] = {**obj["metadata"], "annotations": annotations}
    return result


def masked_text(text: str, objects: Iterable[Mapping[str, Any]]) -> str:
    """Return `text` without any value of the Secrets among `objects`."""
    values = sorted({value for obj in objects for value in _values(obj)}, key=len, reverse=True)
    for value in values:
        text = text.replace(value, MASK)
    return text


def _values(obj: Mapping[str, Any]) -> Iterator[str]:
    if group_kind_of(obj) != SECRET:
        return
    for part in ("data", "stringData"):
        held = obj.get(part)
        for value in held.values() if isinstance(held, Mapping) else ():
            yield from (form for form in _forms(str(value)) if len(form.strip()) >= _SHORTEST)


def _forms(value: str) -> Iterator[str]:
    yield value
    try:
        decoded = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return
    yield decoded
    yield from decoded.splitlines()
