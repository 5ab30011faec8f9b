"""Values of the configuration, read as the Go structs of argocd-notifications read them.

Their YAML becomes JSON first, and JSON is decoded into typed fields: a boolean or number where a text stands becomes its
text (`when: true` is the condition "true"), unknown fields are passed over, field names match in any case.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason


def invalid(where: str, expected: str) -> Rejected:
    """Return the failure that says where the configuration is not what it should be."""
    return Rejected(Reason.INVALID_CONFIGURATION, f"{where}: expected {expected}")


def mapping(value: Any, where: str) -> Mapping[str, Any]:
    """Return a mapping; nothing is the empty one.

    Raises:
        Rejected: `InvalidConfiguration`.
    """
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    raise invalid(where, "a mapping")


def listing(value: Any, where: str) -> Sequence[Any]:
    """Return a list; nothing is the empty one.

    Raises:
        Rejected: `InvalidConfiguration`.
    """
    if value is None:
        return ()
    if isinstance(value, list):
        return value
    raise invalid(where, "a list")


def text(value: Any, where: str) -> str:
    """Return a text; nothing is the empty one, `true` is "true", 3 is "3".

    Raises:
        Rejected: `InvalidConfiguration`: a list or a mapping.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise invalid(where, "a text")


def truth(value: Any, where: str) -> bool:
    """Return a boolean; nothing is False.

    Raises:
        Rejected: `InvalidConfiguration`.
    """
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    raise invalid(where, "true or false")


def texts(value: Any, where: str) -> tuple[str, ...]:
    """Return a list of texts.

    Raises:
        Rejected: `InvalidConfiguration`.
    """
    return tuple(text(one, where) for one in listing(value, where))


def field(values: Mapping[str, Any], name: str) -> Any:
    """Return a field by name, in any case when the exact name is absent; None when there is none."""
    if name in values:
        return values[name]
    folded = name.casefold()
    return next((value for key, value in values.items() if key.casefold() == folded), None)
