"""The webhook's secret, from Argo CD's own Secret, followed by watch so that a change needs no restart."""

import base64
import binascii

from wavegate.kube.client import Selection
from wavegate.kube.resources import GroupVersionKind, JsonObject
from wavegate.kube.watches import SharedWatch

SECRET = GroupVersionKind("", "v1", "Secret")
NAME = "argocd-secret"
KEY = "webhook.github.secret"


def selection(namespace: str) -> Selection:
    """Select that one Secret: we may read no other."""
    return Selection(namespace, fields=f"metadata.name={NAME}")


def reduced(item: JsonObject) -> JsonObject:
    """Keep the one value that is used; the others of that Secret are none of our business."""
    value = (item.get("data") or {}).get(KEY)
    return {"metadata": {**item["metadata"], "managedFields": None, "annotations": None}, "data": {KEY: value}}


class WatchedSecret:
    """The present secret."""

    def __init__(self, watch: SharedWatch, namespace: str) -> None:
        self._watch = watch
        self._namespace = namespace

    def current(self) -> bytes | None:
        """Return the secret, None while there is none that can be read."""
        found = self._watch.get(self._namespace, NAME)
        value = found["data"].get(KEY) if found else None
        try:
            return base64.b64decode(value, validate=True) if value else None
        except (binascii.Error, ValueError):
            return None
