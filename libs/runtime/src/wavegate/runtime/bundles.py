"""The object store, as claim check (architecture §1, rule 6): bytes lie under their SHA-256, checked on every read."""

import hashlib
from typing import Protocol

import nats.errors
from nats.js import JetStreamContext
from nats.js.errors import APIError, BucketNotFoundError, ObjectDeletedError, ObjectNotFoundError
from nats.js.object_store import ObjectStore

from wavegate.contracts.failures import Rejected, RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.contracts.references import BundleRef
from wavegate.contracts.streams import BUNDLES

_ABSENT = (ObjectNotFoundError, ObjectDeletedError)
_TROUBLE = (nats.errors.Error, APIError, BucketNotFoundError, TimeoutError, OSError)


class JetStreamProvider(Protocol):
    """Gives the JetStream context of a connection."""

    async def jetstream(self) -> JetStreamContext:
        """Return it."""


class NatsBundleStore:
    """Bundles and small records on JetStream's object store."""

    def __init__(self, connection: JetStreamProvider) -> None:
        self._connection = connection
        self._store: ObjectStore | None = None

    async def put(self, content: bytes) -> BundleRef:
        """Store bytes under their digest; storing the same bytes again does nothing.

        Raises:
            RetryLater: BUS_UNAVAILABLE.
        """
        reference = BundleRef(digest=hashlib.sha256(content).hexdigest(), size=len(content))
        if not await self._exists(reference.digest):
            await self.put_record(reference.digest, content)
        return reference

    async def get(self, reference: BundleRef) -> bytes:
        """Return the bytes of a bundle.

        Raises:
            Rejected: BUNDLE_MISSING (the store lost it: render again) or BUNDLE_DAMAGED (bytes and digest disagree).
            RetryLater: BUS_UNAVAILABLE.
        """
        content = await self.get_record(reference.digest)
        if content is None:
            raise Rejected(Reason.BUNDLE_MISSING, f"bundle {reference.digest[:12]} is not in the object store")
        if len(content) != reference.size or hashlib.sha256(content).hexdigest() != reference.digest:
            raise Rejected(Reason.BUNDLE_DAMAGED, f"bundle {reference.digest[:12]} does not match its digest")
        return content

    async def put_record(self, name: str, content: bytes) -> None:
        """Store bytes under a name of the caller's, replacing what was there.

        Raises:
            RetryLater: BUS_UNAVAILABLE.
        """
        try:
            await (await self._bucket()).put(name, content)
        except _TROUBLE as error:
            raise self._unavailable(error) from error

    async def get_record(self, name: str) -> bytes | None:
        """Return the bytes under a name, None when there are none.

        Raises:
            RetryLater: BUS_UNAVAILABLE.
        """
        try:
            return (await (await self._bucket()).get(name)).data
        except _ABSENT:
            return None
        except _TROUBLE as error:
            raise self._unavailable(error) from error

    async def _exists(self, name: str) -> bool:
        try:
            await (await self._bucket()).get_info(name)
        except _ABSENT:
            return False
        except _TROUBLE as error:
            raise self._unavailable(error) from error
        return True

    async def _bucket(self) -> ObjectStore:
        if self._store is None:
            self._store = await (await self._connection.jetstream()).object_store(BUNDLES)
        return self._store

    def _unavailable(self, error: BaseException) -> RetryLater:
        self._store = None
        return RetryLater(Reason.BUS_UNAVAILABLE, f"object store: {type(error).__name__}", 2.0)
