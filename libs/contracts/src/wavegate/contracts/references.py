"""Values that events share: which object, which commit, which bytes, which amount of evidence."""

from wavegate.contracts.model import Contract


class ObjectRef(Contract):
    """A Kubernetes object that an event speaks of. `uid` is empty where the object need not exist."""

    namespace: str
    name: str
    uid: str = ""

    @property
    def key(self) -> str:
        """Return `<namespace>/<name>`."""
        return f"{self.namespace}/{self.name}"


class Commit(Contract):
    """A tip of one (repository, ref), with the sequence number that orders it (architecture §4).

    `repository` is the address without credentials; `seq` counts from 1; `sha` is the full commit id.
    """

    repository: str
    ref: str
    seq: int
    sha: str


class BundleRef(Contract):
    """A claim check: rendered objects in the object store under their SHA-256 (hex); `size` in bytes."""

    digest: str
    size: int


class ResourceRef(Contract):
    """One object of an application."""

    group: str = ""
    version: str
    kind: str
    namespace: str = ""
    name: str
