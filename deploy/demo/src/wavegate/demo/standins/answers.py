"""What the receivers are asked and what they answer, as values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """An HTTP request. Header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type, without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def bearer(self) -> str:
        """The bearer token, empty where there is none."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def json_object(self) -> dict[str, Any] | None:
        """The body as a JSON object; None where it is something else."""
        try:
            read = json.loads(self.body)
        except ValueError:
            return None
        return read if isinstance(read, dict) else None


@dataclass(frozen=True, slots=True)
class Answered:
    """An HTTP answer. `accepted` is what a person would see of the message; None where it was refused."""

    status: int
    body: Mapping[str, Any]
    accepted: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
