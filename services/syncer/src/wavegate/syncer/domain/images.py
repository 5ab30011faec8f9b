"""The container images that an application runs, for `status.summary`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wavegate.syncer.domain.comparison import Comparison

_LISTS = ("initContainers", "containers")


def summary(compared: Comparison | None) -> dict[str, Any]:
    """Return the summary: images, sorted, each once."""
    live = [each.live for each in compared.objects.values() if each.live is not None] if compared else []
    found = sorted({image for obj in live for image in images(obj)})
    return {"images": found} if found else {}


def images(obj: Any, depth: int = 0) -> Iterator[str]:
    """Yield the images of an object's Pod templates, wherever they stand: in a Deployment, a CronJob, a Rollout."""
    if depth > 6 or not isinstance(obj, Mapping):
        return
    for name in _LISTS:
        listed = obj.get(name)
        for container in listed if isinstance(listed, list) else ():
            if isinstance(container, Mapping) and isinstance(container.get("image"), str):
                yield container["image"]
    for name in ("spec", "template", "jobTemplate"):
        yield from images(obj.get(name), depth + 1)
