"""Reading fields of objects that others wrote: a value of the wrong type is a named problem, never a crash."""

from collections.abc import Iterable, Mapping
from typing import Any

from wavegate.rollout_analyzer.domain.names import Json
from wavegate.rollout_analyzer.domain.problems import invalid, unsupported

MAX_INT32 = (1 << 31) - 1


def mapping(value: Any, *keys: str) -> Json:
    """Return the map under `keys`, empty where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return dict(value) if isinstance(value, Mapping) else {}


def whole(source: Mapping[str, Any], path: str, key: str, default: int, *, least: int = 0) -> int:
    """Return a whole number.

    Raises:
        Unusable: It is no whole number from `least` to 2³¹-1.
    """
    value = source.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_INT32:
        raise invalid(f"{path}.{key}", value, f"must be a whole number of at least {least}")
    return value


def flag(source: Mapping[str, Any], path: str, key: str) -> bool:
    """Return a boolean, False where it is not set."""
    value = source.get(key)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise invalid(f"{path}.{key}", value, "must be true or false")


def text(source: Mapping[str, Any], path: str, key: str) -> str:
    """Return a string, empty where it is not set."""
    value = source.get(key)
    if value is None or isinstance(value, str):
        return value or ""
    raise invalid(f"{path}.{key}", value, "must be a string")


def section(source: Mapping[str, Any], path: str, key: str) -> Json | None:
    """Return a map, None where it is not set."""
    value = source.get(key)
    if value is None or isinstance(value, dict):
        return value
    raise invalid(f"{path}.{key}", value, "must be a map")


def maps(source: Mapping[str, Any], path: str, key: str) -> list[Json]:
    """Return a list of maps, empty where it is not set."""
    value = source.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise invalid(f"{path}.{key}", value, "must be a list of maps")
    return value


def texts(source: Mapping[str, Any], path: str, key: str) -> tuple[str, ...]:
    """Return a list of strings, empty where it is not set."""
    value = source.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise invalid(f"{path}.{key}", value, "must be a list of strings")
    return tuple(value)


def only(source: Mapping[str, Any], path: str, known: Iterable[str], named: Mapping[str, str] | None = None) -> None:
    """Refuse by name every field in use that is not among the known ones.

    Raises:
        Unusable: `FeatureUnsupported`, naming the field; `named` gives some of them a better name.
    """
    for key, value in source.items():
        if key not in known and value not in (None, {}, [], "", False):
            raise unsupported(f"{path}.{key}", (named or {}).get(key, f"the field {key}"))
