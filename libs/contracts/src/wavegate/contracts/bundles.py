"""What a rendered bundle holds: the objects, in order, as canonical JSON `{"objects": [...]}`."""

import json
from collections.abc import Sequence
from typing import Any

from wavegate.contracts.failures import Rejected
from wavegate.contracts.identity import canonical_json
from wavegate.contracts.reasons import Reason


def encode(objects: Sequence[dict[str, Any]]) -> bytes:
    """Return the bytes of a bundle; the same objects in the same order always give the same bytes."""
    return canonical_json({"objects": list(objects)})


def decode(content: bytes) -> list[dict[str, Any]]:
    """Read a bundle.

    Raises:
        Rejected: BUNDLE_DAMAGED.
    """
    try:
        objects = json.loads(content)["objects"]
    except (ValueError, TypeError, KeyError) as error:
        raise Rejected(Reason.BUNDLE_DAMAGED, "the bundle is not a JSON object with objects") from error
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
        raise Rejected(Reason.BUNDLE_DAMAGED, "the bundle does not hold a list of objects")
    return objects
