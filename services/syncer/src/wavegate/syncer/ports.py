"""What the syncer needs of the outside, in its own words. Adapters and the in-memory fakes of the tests implement these.

Failures that time may mend are `RetryLater` and pass through; what the API server answers for good is one of the three below.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from wavegate.contracts.references import BundleRef
from wavegate.manifests.identity import GroupKind, JsonObject, ObjectKey
from wavegate.syncer.domain.actions import Refusal

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

Kind = tuple[str, str]
"""`apiVersion` and `kind`, as objects give them."""


class Stale(Exception):
    """The object is not as we saw it: look again."""


class Absent(Exception):
    """The object is not there (any more)."""


class Refused(Exception):
    """The API server does not take this, now or later, without a change."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class Records(Protocol):
    """The objects that say what is to be done: Applications, projects, what git-watcher knows."""

    def application(self, key: str) -> JsonObject | None:
        """Return an Application by `<namespace>/<name>`."""

    def project(self, name: str) -> JsonObject | None:
        """Return an AppProject of the control-plane namespace."""

    def repository(self, repository: str) -> JsonObject | None:
        """Return the state of a repository by its id, as git-watcher keeps it."""

    async def report(self, key: str, patch: JsonObject) -> None:
        """Merge a patch into an Application; one that is gone needs none.

        Raises: StateConflict when the patch names a `resourceVersion` and the Application has another.
        """


class Cluster(Protocol):
    """The cluster that applications go to: what lives there, by memory, and the writes."""

    async def follow(self, kinds: Collection[Kind], bare: Collection[GroupKind]) -> Mapping[Kind, bool]:
        """See to it that all objects of these kinds are in memory, and say which kinds are served.

        `bare` kinds are followed in the version that the API server prefers, where it serves them.
        """

    def namespaced(self, kind: GroupKind) -> bool | None:
        """Say whether a kind's objects have namespaces, None for a kind that is not served."""

    def live(self, kind: Kind, key: ObjectKey, asker: str) -> JsonObject | None:
        """Return what lives under a key, in the version that is asked for. Not to be modified.

        `asker` is the tracking name of the application that wants to look again when this changes.
        """

    def marked(self, application: str) -> Iterable[JsonObject]:
        """Return the objects that carry an application's tracking name. Not to be modified."""

    def co_managers(self, namespaces: Collection[str]) -> Iterable[JsonObject]:
        """Return the Rollouts and HorizontalPodAutoscalers in some namespaces."""

    async def try_out(self, body: JsonObject, *, lenient: bool) -> JsonObject:
        """Dry-run an apply; return what would stand. Raises: Refused."""

    async def create(self, body: JsonObject, *, lenient: bool) -> JsonObject:
        """Create an object, owning its fields as an apply does. Raises: Stale if one stands already; Refused."""

    async def apply(self, body: JsonObject, live: JsonObject, *, lenient: bool) -> JsonObject:
        """Apply to this very object at this very version. Raises: Stale, Refused."""

    async def mark(self, live: JsonObject, annotations: Mapping[str, str]) -> JsonObject:
        """Set annotations on this very object at this very version, and nothing else. Raises: Stale, Absent, Refused."""

    async def read(self, body: JsonObject) -> JsonObject | None:
        """Read an object from the API server, not from memory."""

    async def delete(self, live: JsonObject, propagation: str) -> None:
        """Delete this very object at this very version. Raises: Stale, Absent, Refused."""


class Bundles(Protocol):
    """The object store."""

    async def get(self, reference: BundleRef) -> bytes:
        """Return a bundle's bytes, checked against its digest. Raises: Rejected, RetryLater."""


class Fence(Protocol):
    """The intent number as it is stored, not as we remember it."""

    async def current(self, key: str) -> int:
        """Return the number. Raises: StateConflict when the stored state is not the one that we decided on."""


class Parallel(Protocol):
    """Bounded parallelism."""

    async def each(
        self, function: Callable[[ItemT], Awaitable[ResultT]], items: Sequence[ItemT], limit: int
    ) -> list[ResultT]:
        """Apply `function` to all items, at most `limit` at a time; results in the order of items.

        The first failure is raised after the calls under way have ended; no further ones are begun.
        """
