"""The syncer's own state of one application (architecture §3): what was accepted, how far it came, what it left behind.

`Application.status` is computed from it and from what lives; nothing here is read back from there, except once, when an
application comes over from another controller.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from wavegate.contracts.model import Contract
from wavegate.contracts.references import BundleRef, Commit


class Render(Contract):
    """What the renderer made of the sources: `id` is the message that told."""

    id: str
    commits: tuple[Commit, ...]
    spec_digest: str
    bundle: BundleRef
    source_types: tuple[str, ...] = ()
    reason: str = "push"
    traceparent: str | None = None


class RenderFault(Contract):
    """Why there is nothing newer to sync."""

    id: str
    commits: tuple[Commit, ...]
    spec_digest: str
    reason: str
    detail: str


class Request(Contract):
    """The last render that this service asked for, so that it asks once."""

    spec_digest: str
    commits: tuple[Commit, ...]
    mark: str = ""
    at: datetime


class Intent(Contract):
    """What the cluster is to become. `number` is the fence (architecture §4)."""

    number: int
    commits: tuple[Commit, ...]
    spec_digest: str
    bundle: BundleRef
    source_types: tuple[str, ...] = ()
    reason: str
    cause: str | None = None
    traceparent: str | None = None


class Phase(StrEnum):
    """Where an operation stands. PREPARING covers the dry run and the first wave's writes: both may be done twice."""

    PREPARING = "Preparing"
    APPLYING = "Applying"
    WAITING = "Waiting"
    PRUNING = "Pruning"
    DONE = "Done"


class Verdict(StrEnum):
    """How an operation ended, as Argo CD's `operationState.phase` says it."""

    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    ERROR = "Error"


class ObjectResult(Contract):
    """What became of one object: an entry of `syncResult.resources`."""

    version: str
    status: str
    message: str
    hook_phase: str = "Running"


class Operation(Contract):
    """One sync, or one healing, under an intent.

    Attributes:
        holder: the process whose writes may still be under way while this is unfinished.
        stage: index into the plan's stages; `attempt` counts retries of the same commits.
        only: keys that it is limited to; None means all.
        restamp: every object is written, equal or not, because another holder's writes may still come late.
        request: the requested operation as given, for `status.operationState.operation`; `request_digest` tells it apart.
        reason: why it failed, a `Reason`; empty otherwise.
        asked: the refresh that was answered by starting it, so that asking again starts it again.
        results: object key → what became of it.
    """

    intent: int
    holder: str
    attempt: int = 0
    heal: int | None = None
    automated: bool = True
    prune: bool = False
    only: tuple[str, ...] | None = None
    restamp: bool = False
    request: dict[str, Any] = Field(default_factory=dict)
    request_digest: str = ""
    phase: Phase = Phase.PREPARING
    stage: int = 0
    verdict: Verdict = Verdict.RUNNING
    reason: str = ""
    asked: str = ""
    message: str = ""
    results: dict[str, ObjectResult] = Field(default_factory=dict)
    started_at: datetime
    finished_at: datetime | None = None

    @property
    def is_running(self) -> bool:
        """Whether there is still something to do under it."""
        return self.phase is not Phase.DONE


class Standing(Contract):
    """Digests of an object at its last apply: what we wanted, what the API server returned."""

    desired: str
    live: str


class Healing(Contract):
    """How often drift was healed under the present intent, and when last; `total` numbers healings for ever."""

    attempts: int = 0
    total: int = 0
    at: datetime | None = None


class ApplicationState(Contract):
    """Everything the syncer remembers of one application.

    Attributes:
        uid: the application that this is about; one created anew under the same name starts afresh.
        fence: the intent number, never lower than before.
        baselines: object key → digests at the last apply.
        history: successful syncs, as `status.history` shows them.
        drift: object key → live digest (or `missing`) whose drift was told.
        told: what was last said, by topic, so that it is said once: health, refusal, waiting.
    """

    uid: str
    fence: int = 0
    render: Render | None = None
    fault: RenderFault | None = None
    request: Request | None = None
    intent: Intent | None = None
    operation: Operation | None = None
    baselines: dict[str, Standing] = Field(default_factory=dict)
    history: tuple[dict[str, Any], ...] = ()
    drift: dict[str, str] = Field(default_factory=dict)
    healing: Healing = Healing()
    told: dict[str, str] = Field(default_factory=dict)
