"""The closed list of reasons: why something failed, waits or ended otherwise than expected.

A reason is machine-readable, stable and the same word in an event, in a condition and in a log (architecture §1, rule 4).
"""

from enum import StrEnum


class Reason(StrEnum):
    """Every reason that Wavegate gives. Adding one is an interface change."""

    # Git
    REPOSITORY_UNREACHABLE = "RepositoryUnreachable"
    REPOSITORY_FORBIDDEN = "RepositoryForbidden"
    REPOSITORY_SCHEME_REFUSED = "RepositorySchemeRefused"
    GIT_SERVER_FAULT = "GitServerFault"
    REF_MISSING = "RefMissing"
    REVISION_MISSING = "RevisionMissing"
    LAGGING_MIRROR = "LaggingMirror"
    HISTORY_REWRITTEN = "HistoryRewritten"

    # Rendering
    PATH_MISSING = "PathMissing"
    PATH_OUTSIDE_REPOSITORY = "PathOutsideRepository"
    INVALID_MANIFEST = "InvalidManifest"
    HELM_FAILED = "HelmFailed"
    KUSTOMIZE_FAILED = "KustomizeFailed"
    REMOTE_BASE_FORBIDDEN = "RemoteBaseForbidden"
    SOURCE_TYPE_UNSUPPORTED = "SourceTypeUnsupported"
    MANIFEST_TOO_LARGE = "ManifestTooLarge"
    TOO_MANY_OBJECTS = "TooManyObjects"
    TOO_DEEP = "TooDeep"
    ALIAS_BOMB = "AliasBomb"
    DUPLICATE_OBJECT = "DuplicateObject"
    RENDER_TIMEOUT = "RenderTimeout"
    RENDER_OUT_OF_MEMORY = "RenderOutOfMemory"
    RENDER_CRASHED = "RenderCrashed"
    NON_DETERMINISTIC_RENDER = "NonDeterministicRender"
    BUNDLE_MISSING = "BundleMissing"
    BUNDLE_DAMAGED = "BundleDamaged"

    # Applications and projects
    INVALID_SPEC = "InvalidSpec"
    PROJECT_MISSING = "ProjectMissing"
    REPOSITORY_NOT_PERMITTED = "RepositoryNotPermitted"
    DESTINATION_NOT_PERMITTED = "DestinationNotPermitted"
    KIND_NOT_PERMITTED = "KindNotPermitted"
    DESTINATION_UNKNOWN = "DestinationUnknown"
    EMPTY_RENDER = "EmptyRender"
    SHARED_OBJECT = "SharedObject"

    # Syncing
    DRY_RUN_FAILED = "DryRunFailed"
    APPLY_FAILED = "ApplyFailed"
    PRUNE_FAILED = "PruneFailed"
    OBJECT_MISSING = "ObjectMissing"
    OBJECT_DEGRADED = "ObjectDegraded"
    FENCED = "Fenced"
    SUPERSEDED = "Superseded"
    STALE_REVISION = "StaleRevision"

    # Waiting (architecture §1, rule 4)
    MANUAL_SYNC = "ManualSync"
    SYNC_WINDOW = "SyncWindow"
    CONFIRMATION = "Confirmation"
    DEPENDENCY = "Dependency"
    APPROVAL = "Approval"
    ROLLOUT_PAUSED = "RolloutPaused"
    SKIP_RECONCILE = "SkipReconcile"

    # Kubernetes
    API_UNAVAILABLE = "ApiUnavailable"
    API_FORBIDDEN = "ApiForbidden"
    API_REFUSED = "ApiRefused"
    KIND_UNKNOWN = "KindUnknown"
    OBJECT_TOO_LARGE = "ObjectTooLarge"
    OUTBOX_OVERFLOW = "OutboxOverflow"

    # Rollouts and analysis
    INVALID_ROLLOUT = "InvalidRollout"
    TEMPLATE_MISSING = "AnalysisTemplateMissing"
    INVALID_ANALYSIS = "InvalidAnalysis"
    METRIC_FAILED = "MetricFailed"
    METRIC_EMPTY = "MetricEmpty"
    METRIC_PROVIDER_UNAVAILABLE = "MetricProviderUnavailable"
    FEATURE_UNSUPPORTED = "FeatureUnsupported"
    ANALYSIS_FAILED = "AnalysisFailed"
    ANALYSIS_INCONCLUSIVE = "AnalysisInconclusive"
    PROGRESS_DEADLINE_EXCEEDED = "ProgressDeadlineExceeded"
    ROLLOUT_ABORTED = "RolloutAborted"
    SERVICE_MISSING = "ServiceMissing"
    TRAFFIC_ROUTE_INVALID = "TrafficRouteInvalid"

    # Notifications
    INVALID_CONFIGURATION = "InvalidConfiguration"
    TRIGGER_MISSING = "TriggerMissing"
    TRIGGER_FAILED = "TriggerFailed"
    NOTIFICATION_TEMPLATE_MISSING = "NotificationTemplateMissing"
    TEMPLATE_FAILED = "TemplateFailed"
    SERVICE_NOT_CONFIGURED = "ServiceNotConfigured"
    DESTINATION_REFUSED = "DestinationRefused"
    DESTINATION_UNAVAILABLE = "DestinationUnavailable"

    # Outbound gate
    ADDRESS_FORBIDDEN = "AddressForbidden"
    RESPONSE_TOO_LARGE = "ResponseTooLarge"

    # Bus
    BUS_UNAVAILABLE = "BusUnavailable"
    MESSAGE_MALFORMED = "MessageMalformed"
    MESSAGE_UNKNOWN = "MessageUnknown"
    DELIVERIES_EXHAUSTED = "DeliveriesExhausted"
    INTERNAL_ERROR = "InternalError"
