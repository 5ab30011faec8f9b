"""What every model of a custom resource shares: camelCase names, frozen values, Kubernetes' reading of null.

Models are tolerant when they read: users' objects may hold fields of a newer Argo, and what is not modelled is not touched.
When they write, fields that hold their default are left out, as Go's `omitempty` does; a field that Argo always writes has
no default here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel

ARGO_API_VERSION = "argoproj.io/v1alpha1"
OWN_API_VERSION = "wavegate.dev/v1alpha1"


class MalformedResource(ValueError):
    """An object does not fit its model.

    Attributes:
        problems: one `path: what is wrong` for each bad field.
    """

    def __init__(self, subject: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"{subject}: {'; '.join(problems)}")
        self.problems = problems


def _timestamp(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _int_or_string(value: object) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("must be a whole number or text")  # noqa: TRY004 - what pydantic reports
    return value


Timestamp = Annotated[AwareDatetime, PlainSerializer(_timestamp, return_type=str)]
"""A moment, written as Kubernetes' `Time`: UTC, whole seconds."""

IntOrString = Annotated[int | str, PlainValidator(_int_or_string)]
"""A number, or text such as `25%` or `{{args.count}}`."""

Free = dict[str, Any]
"""Content that is passed on and not read here."""

Labels = dict[str, str]


class Part(BaseModel):
    """A part of a custom resource."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and any(value is None for value in data.values()):
            return {name: value for name, value in data.items() if value is not None}
        return data

    @classmethod
    def read(cls, data: Any, subject: str | None = None) -> Self:
        """Read a part as it stands in an object.

        Args:
            data: the JSON value.
            subject: how errors name the object; by default what `data` calls itself.

        Raises:
            MalformedResource: naming every bad field by its path.
        """
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            problems = tuple(f"{_path(item['loc'])}: {item['msg']}" for item in error.errors(include_url=False))
            raise MalformedResource(subject or _subject(data) or cls.__name__, problems) from error

    def to_json(self) -> dict[str, Any]:
        """The JSON form as Argo writes it."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)


def _path(location: tuple[int | str, ...]) -> str:
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".") or "."


def _subject(data: Any) -> str:
    if not isinstance(data, Mapping):
        return ""
    metadata = data.get("metadata")
    names = [metadata.get("namespace"), metadata.get("name")] if isinstance(metadata, Mapping) else []
    return f"{data.get('kind') or ''} {'/'.join(str(name) for name in names if name)}".strip()


class OwnerReference(Part):
    """Who an object is garbage-collected with."""

    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool | None = None
    block_owner_deletion: bool | None = None


class ObjectMeta(Part):
    """The metadata that decisions need; the rest stays untouched in the object itself."""

    name: str = ""
    generate_name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: Timestamp | None = None
    deletion_timestamp: Timestamp | None = None
    labels: Labels = Field(default_factory=dict)
    annotations: Labels = Field(default_factory=dict)
    finalizers: tuple[str, ...] = ()
    owner_references: tuple[OwnerReference, ...] = ()


class Resource(Part):
    """A custom resource."""

    api_version: str
    kind: str
    metadata: ObjectMeta

    @property
    def key(self) -> str:
        """`<namespace>/<name>`: how work on the object is keyed."""
        return f"{self.metadata.namespace}/{self.metadata.name}"
