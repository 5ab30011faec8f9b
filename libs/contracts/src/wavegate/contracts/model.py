"""The one configuration of every contract model: frozen, strict when written, tolerant when read."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Contract(BaseModel):
    """A frozen value that crosses a service border. JSON names are camelCase."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)

    @classmethod
    def read(cls, data: Any) -> Self:
        """Read a value that another version may have written: unknown fields are passed over.

        Raises:
            pydantic.ValidationError: A field that we know is missing or malformed.
        """
        return cls.model_validate(data, extra="ignore")

    def to_json(self) -> dict[str, Any]:
        """Return the JSON shape, without fields that hold nothing."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
