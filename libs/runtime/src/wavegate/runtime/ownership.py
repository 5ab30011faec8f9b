"""Who works on which key (architecture §4). A port; this part has one member, which owns every partition."""

from typing import Protocol


class Ownership(Protocol):
    """Says whether this member works on a partition."""

    def owns(self, partition: int) -> bool:
        """Return whether keys of `partition` (0 to 63) are ours."""


class SingleMember:
    """The only member owns everything."""

    def owns(self, partition: int) -> bool:  # noqa: ARG002 - the port's signature
        """Return True."""
        return True
