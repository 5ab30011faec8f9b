"""Turns a model into the structural schema of a CustomResourceDefinition.

Specs of Argo's kinds stay open: a field that is not modelled is kept, so that it can be refused by name or passed on. Status
schemas are closed, as Argo's are: a field that Argo does not define would be lost, and a test shall see that.
"""

from __future__ import annotations

import types
import typing
from typing import Any

from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

Schema = dict[str, Any]

_SCALARS: dict[Any, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: {"type": "string"},
    AwareDatetime: {"type": "string", "format": "date-time"},
}

_FREE: Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def object_schema(model: type[BaseModel], *, keep_unknown: bool) -> Schema:
    """The schema of a model; a field is required when it has no default."""
    fields = model.model_fields
    schema: Schema = {
        "type": "object",
        "properties": {
            name_of(name, field): schema_of(field.annotation, keep_unknown=keep_unknown)
            for name, field in fields.items()
        },
    }
    required = [name_of(name, field) for name, field in fields.items() if field.is_required()]
    if required:
        schema["required"] = required
    if keep_unknown:
        schema["x-kubernetes-preserve-unknown-fields"] = True
    return schema


def name_of(name: str, field: FieldInfo) -> str:
    """A field as users spell it."""
    return field.alias or name


def schema_of(annotation: Any, *, keep_unknown: bool) -> Schema:
    """The schema of a field's type.

    Raises:
        TypeError: the type has no form in a structural schema.
    """
    if isinstance(annotation, type) and annotation in _SCALARS:
        return dict(_SCALARS[annotation])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return object_schema(annotation, keep_unknown=keep_unknown)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return schema_of(arguments[0], keep_unknown=keep_unknown)
    if origin is tuple:
        return {"type": "array", "items": schema_of(arguments[0], keep_unknown=keep_unknown)}
    if origin is dict:
        return _mapping(arguments[1], keep_unknown=keep_unknown)
    if origin in {types.UnionType, typing.Union}:
        return _union(arguments, keep_unknown=keep_unknown)
    raise TypeError(f"{annotation} has no form in a structural schema")


def _mapping(value: Any, *, keep_unknown: bool) -> Schema:
    if value is Any:
        return dict(_FREE)
    return {"type": "object", "additionalProperties": schema_of(value, keep_unknown=keep_unknown)}


def _union(members: tuple[Any, ...], *, keep_unknown: bool) -> Schema:
    given = [member for member in members if member is not types.NoneType]
    if set(given) == {int, str}:
        return {"x-kubernetes-int-or-string": True}
    if len(given) != 1:
        raise TypeError(f"a choice of {given} has no form in a structural schema")
    return schema_of(given[0], keep_unknown=keep_unknown)
