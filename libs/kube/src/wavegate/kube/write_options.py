"""How a write is to be made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FieldValidation = Literal["Strict", "Warn", "Ignore"]
Propagation = Literal["Foreground", "Background", "Orphan"]


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """Options of one write.

    Attributes:
        dry_run: let the API server admit, default and validate, but store nothing.
        force: server-side apply only: take fields over from other managers instead of a 409.
        field_manager: who owns the fields; None means the client's own name.
        validation: what becomes of unknown or duplicate fields. Strict refuses them, as Argo CD does unless
            `Validate=false`.
    """

    dry_run: bool = False
    force: bool = True
    field_manager: str | None = None
    validation: FieldValidation | None = None


PLAIN = WriteOptions()


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """Options of one deletion.

    Attributes:
        uid: delete only the object with this identity; another one answers 409.
        resource_version: delete only this version of it; another one answers 409.
        propagation: what becomes of dependents.
        grace_seconds: how long Pods may take to stop; None leaves it to the object.
        dry_run: admit, but delete nothing.
    """

    uid: str | None = None
    resource_version: str | None = None
    propagation: Propagation = "Background"
    grace_seconds: int | None = None
    dry_run: bool = False

    def body(self) -> dict[str, object]:
        """The `DeleteOptions` document of the API."""
        given = {"uid": self.uid, "resourceVersion": self.resource_version}
        preconditions = {name: value for name, value in given.items() if value is not None}
        body: dict[str, object] = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": self.propagation}
        if preconditions:
            body["preconditions"] = preconditions
        if self.grace_seconds is not None:
            body["gracePeriodSeconds"] = self.grace_seconds
        if self.dry_run:
            body["dryRun"] = ["All"]
        return body


UNCONDITIONAL = DeleteOptions()
