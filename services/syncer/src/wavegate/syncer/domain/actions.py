"""What a decision asks to be done, and what came of it. Plain values; handlers and adapters carry them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wavegate.contracts.reasons import Reason
from wavegate.manifests.fields import Path
from wavegate.manifests.identity import JsonObject, ObjectKey


@dataclass(frozen=True, slots=True)
class Write:
    """One object to be written.

    Attributes:
        manifest: what it is to be, tracking id included.
        live: what stands now, None to create it.
        take: places whose values are taken from live (co-managed fields).
        annotations: what rides on the write: intent, cause.
        stamp_only: it stands as wanted; only the intent is to be marked on it.
        lenient: unknown fields are let through (`Validate=false`).
    """

    key: ObjectKey
    manifest: JsonObject
    live: JsonObject | None = None
    take: tuple[Path, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=dict)
    stamp_only: bool = False
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """One object to be deleted: this very one, at this very version."""

    key: ObjectKey
    live: JsonObject


@dataclass(frozen=True, slots=True)
class DryRun:
    """Let the API server try writes without storing them."""

    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True)
class Apply:
    """Write objects: groups one after the other, in parallel inside a group, all under `intent`."""

    intent: int
    groups: tuple[tuple[Write, ...], ...]


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete objects under `intent`. `propagation` says what becomes of their dependents, in Kubernetes' words."""

    intent: int
    removals: tuple[Removal, ...]
    propagation: str = "Foreground"


@dataclass(frozen=True, slots=True)
class Report:
    """Merge `patch` into the Application."""

    patch: JsonObject


Action = DryRun | Apply | Delete | Report


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the API server did not do something; `message` is its own, secrets masked by whoever shows it."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A dry run's answer: the object as it would be, or the refusal."""

    key: ObjectKey
    predicted: JsonObject | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """An object was written; `returned` is what the API server made of it."""

    key: ObjectKey
    returned: JsonObject
    change: str
    """`created`, `configured` or `unchanged`."""


@dataclass(frozen=True, slots=True)
class Unwritten:
    """An object was not written."""

    key: ObjectKey
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Removed:
    """An object was deleted, or was gone."""

    key: ObjectKey


@dataclass(frozen=True, slots=True)
class Unremoved:
    """An object was not deleted."""

    key: ObjectKey
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Fenced:
    """A newer intent was found while writing: nothing more may be written under the old one."""

    by: int


@dataclass(frozen=True, slots=True)
class Reported:
    """The Application shows its status."""


Outcome = Tried | Written | Unwritten | Removed | Unremoved | Fenced | Reported
Outcomes = tuple[Any, ...]
