"""Git, hardened: addresses, ls-remote, bare mirrors and immutable trees. The only importer of GitPython."""

from wavegate.git.address import RepositoryAddress
from wavegate.git.hardening import GitSettings
from wavegate.git.mirror import Mirror, Mirrors
from wavegate.git.remote_refs import RemoteRefs, ls_remote
from wavegate.git.runner import GitRunner
from wavegate.git.tree import Entry, EntryKind, Found, Tree

__all__ = [
    "Entry",
    "EntryKind",
    "Found",
    "GitRunner",
    "GitSettings",
    "Mirror",
    "Mirrors",
    "RemoteRefs",
    "RepositoryAddress",
    "Tree",
    "ls_remote",
]
