"""Reading JSON that somebody else put into a string; what cannot be read is empty, never an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def json_map(text: object) -> Mapping[str, Any]:
    """Return the map in `text`, empty when there is none."""
    value = _value(text)
    return value if isinstance(value, Mapping) else {}


def json_list(text: object) -> list[Mapping[str, Any]]:
    """Return the maps listed in `text`, empty when there are none."""
    value = _value(text)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _value(text: object) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
