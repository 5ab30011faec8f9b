"""Events of applications (renderer and syncer)."""

from typing import ClassVar

from wavegate.contracts.events import Event, ObjectMessage
from wavegate.contracts.reasons import Reason
from wavegate.contracts.references import BundleRef, ResourceRef


class ApplicationEvent(ObjectMessage, Event):
    """An event of one Application."""

    AREA: ClassVar[str] = "application"


class ManifestsRendered(ApplicationEvent):
    """The exact objects that the commits mean, by digest. `read_set` is the cache key of architecture §8."""

    bundle: BundleRef
    objects: int
    source_types: tuple[str, ...]
    spec_digest: str
    read_set: str
    reason: str = "push"
    cached: bool = False


class RenderFailed(ApplicationEvent):
    """An application could not be rendered. `detail` is the tool's own message, secrets masked."""

    spec_digest: str
    reason: Reason
    detail: str
    source_index: int = 0


class IntentAccepted(ApplicationEvent):
    """The syncer decided to bring the cluster to these commits: the fence rose to `intent` (architecture §4)."""

    reason: str
    bundle: BundleRef


class SyncStarted(ApplicationEvent):
    """A sync began. `waves` are the sync waves that it will go through, in order."""

    waves: tuple[int, ...]
    objects: int


class WaveApplied(ApplicationEvent):
    """Every object of a wave was written or found equal."""

    wave: int
    applied: int
    unchanged: int


class WaveHealthy(ApplicationEvent):
    """Every object of a wave is healthy."""

    wave: int


class HookFinished(ApplicationEvent):
    """A hook ended."""

    resource: ResourceRef
    phase: str
    detail: str = ""


class SyncSucceeded(ApplicationEvent):
    """The cluster stands as the commits say."""

    pruned: int = 0
    detail: str = ""


class SyncFailed(ApplicationEvent):
    """A sync ended without reaching its end. `detail` is what `status.operationState.message` says."""

    reason: Reason
    detail: str
    resource: ResourceRef | None = None


class SyncSuperseded(ApplicationEvent):
    """A newer intent took over before this one ended."""

    by: int


class SyncWaiting(ApplicationEvent):
    """Nothing will happen until somebody or something acts."""

    reason: Reason
    detail: str = ""


class DriftDetected(ApplicationEvent):
    """A live object differs from what was applied. `fields` are paths, never values; `manager` is who wrote last."""

    resource: ResourceRef
    fields: tuple[str, ...] = ()
    manager: str = ""


class DriftHealed(ApplicationEvent):
    """A drifted object was brought back."""

    resource: ResourceRef


class HealthChanged(ApplicationEvent):
    """The application's health moved."""

    previous: str
    status: str
    detail: str = ""


class RolledBack(ApplicationEvent):
    """The application was brought back to an earlier state of itself."""

    history_id: int


class Unaffected(ApplicationEvent):
    """A push did not touch the application. Not emitted one by one (architecture §1); kept for the register."""

    read_set: str = ""
