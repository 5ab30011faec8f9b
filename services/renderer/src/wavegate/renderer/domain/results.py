"""How a render ended."""

from dataclasses import dataclass

from wavegate.contracts.reasons import Reason
from wavegate.contracts.references import BundleRef


@dataclass(frozen=True, slots=True)
class Rendered:
    """The objects lie in the store as `bundle`; `read_set` is the digest of all that they depend on."""

    bundle: BundleRef
    objects: int
    source_types: tuple[str, ...]
    read_set: str
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """The inputs of the source at `source_index` do not render."""

    reason: Reason
    detail: str
    source_index: int = 0


Result = Rendered | Failed
