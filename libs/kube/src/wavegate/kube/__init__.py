"""Kubernetes API access: read, apply, shared watches, typed errors."""

from wavegate.kube.client import EVERYTHING, KubeClient, ObjectList, Selection, WatchEvent
from wavegate.kube.connection import ConnectionOptions
from wavegate.kube.discovery import ApiCatalog
from wavegate.kube.errors import (
    AlreadyExists,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    KubeError,
    NotFound,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnknownKind,
)
from wavegate.kube.resources import ApiResource, GroupVersionKind, JsonObject
from wavegate.kube.state_store import KubeStateStore, Owner
from wavegate.kube.watch_cache import Change
from wavegate.kube.watches import SharedWatch, SharedWatches, without_managed_fields
from wavegate.kube.write_options import DeleteOptions, WriteOptions

__all__ = [
    "EVERYTHING",
    "AlreadyExists",
    "ApiCatalog",
    "ApiResource",
    "Change",
    "Conflict",
    "ConnectionOptions",
    "DeleteOptions",
    "Forbidden",
    "Gone",
    "GroupVersionKind",
    "Invalid",
    "JsonObject",
    "KubeClient",
    "KubeError",
    "KubeStateStore",
    "NotFound",
    "ObjectList",
    "Owner",
    "Selection",
    "SharedWatch",
    "SharedWatches",
    "TooLarge",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "UnknownKind",
    "WatchEvent",
    "WriteOptions",
    "without_managed_fields",
]
