"""Who says what to whom: the one table from which subjects, fan-out and the bus's allow-lists follow (architecture §9)."""

from dataclasses import dataclass

from wavegate.contracts import application, commands, notification, platform, repository, rollout
from wavegate.contracts.events import Message

GIT_WATCHER = "git-watcher"
RENDERER = "renderer"
SYNCER = "syncer"
ROLLOUT_ANALYZER = "rollout-analyzer"
NOTIFIER = "notifier"
SERVICES = (GIT_WATCHER, RENDERER, SYNCER, ROLLOUT_ANALYZER, NOTIFIER)


@dataclass(frozen=True, slots=True)
class Route:
    """One message: who may say it, and which services act on it. `public` messages also go to EVENTS."""

    message: type[Message]
    publishers: tuple[str, ...]
    workers: tuple[str, ...] = ()
    public: bool = True


def _routes(publisher: str, workers: tuple[str, ...], *messages: type[Message]) -> tuple[Route, ...]:
    return tuple(Route(message, (publisher,), workers) for message in messages)


ROUTES: tuple[Route, ...] = (
    *_routes(
        GIT_WATCHER,
        (),
        repository.RevisionObserved,
        repository.RefMissing,
        repository.HistoryRewritten,
        repository.LaggingMirror,
        repository.GitFailed,
    ),
    Route(commands.RenderApplication, (GIT_WATCHER, SYNCER), (RENDERER,), public=False),
    *_routes(RENDERER, (SYNCER,), application.ManifestsRendered, application.RenderFailed),
    *_routes(
        SYNCER,
        (),
        application.IntentAccepted,
        application.WaveApplied,
        application.WaveHealthy,
        application.HookFinished,
        application.SyncSuperseded,
        application.SyncWaiting,
        application.RolledBack,
        application.Unaffected,
    ),
    *_routes(
        SYNCER,
        (NOTIFIER,),
        application.SyncStarted,
        application.SyncSucceeded,
        application.SyncFailed,
        application.DriftDetected,
        application.DriftHealed,
        application.HealthChanged,
    ),
    *_routes(
        ROLLOUT_ANALYZER,
        (),
        rollout.StepStarted,
        rollout.WeightSet,
        rollout.AnalysisStarted,
        rollout.MeasurementTaken,
    ),
    *_routes(
        ROLLOUT_ANALYZER,
        (NOTIFIER,),
        rollout.RolloutStarted,
        rollout.StepCompleted,
        rollout.AnalysisCompleted,
        rollout.RolloutPromoted,
        rollout.RolloutPaused,
        rollout.RolloutAborted,
        rollout.RolloutDegraded,
    ),
    *_routes(
        NOTIFIER,
        (),
        notification.NotificationIntended,
        notification.NotificationDelivered,
        notification.NotificationFailed,
    ),
    Route(platform.DeadLettered, SERVICES),
    Route(platform.MemberJoined, SERVICES),
    Route(platform.MemberLeft, SERVICES),
    Route(platform.StreamsRecreated, ("provisioner",)),
)

BY_TYPE: dict[str, Route] = {route.message.type_name(): route for route in ROUTES}
