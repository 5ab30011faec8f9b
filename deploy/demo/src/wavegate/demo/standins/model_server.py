"""The model server that the Rollout would run: it answers predictions and counts them, for stable and canary.

Whether a prediction fails depends on two things alone: the image tag in the Rollout (through its ReplicaSets) and the
weights in the VirtualService. There is no randomness: requests are spread, and failures occur, at even distances.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

JsonObject = Mapping[str, Any]

HASH_KEY = "rollouts-pod-template-hash"
HEALTHY = 0.001
FAILURE_RATES: Mapping[str, float] = {"v1": HEALTHY, "v2": HEALTHY, "v3": 0.09}
"""The share of predictions that fail, by image tag; tags that are not named here are healthy."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the VirtualService sends a share of the traffic: which Service, which revision of the model behind it."""

    service: str
    revision: str
    tag: str
    weight: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """One answered request; `status` is the HTTP status."""

    destination: Destination
    status: int


def destinations(
    virtual_service: JsonObject, services: Iterable[JsonObject], rollout: JsonObject, replica_sets: Iterable[JsonObject]
) -> tuple[Destination, ...]:
    """Return where requests go: routes of the VirtualService → Services' selectors → ReplicaSets → image tags.

    A Service that selects no revision serves what the Rollout says, as before its first canary.
    """
    selectors = {_name(service): (service.get("spec") or {}).get("selector") or {} for service in services}
    tags = {_revision(replica_set): _tag(replica_set) for replica_set in replica_sets}
    result = []
    for host, weight in _weights(virtual_service):
        revision = str(selectors.get(host, {}).get(HASH_KEY, ""))
        result.append(Destination(host, revision, tags.get(revision) or _tag(rollout), weight))
    return tuple(result)


def _weights(virtual_service: JsonObject) -> Iterable[tuple[str, int]]:
    for route in (virtual_service.get("spec") or {}).get("http") or ():
        for share in route.get("route") or ():
            yield str(share["destination"]["host"]), int(share.get("weight", 0))


def _name(obj: JsonObject) -> str:
    return str(obj["metadata"]["name"])


def _revision(replica_set: JsonObject) -> str:
    return str((replica_set["metadata"].get("labels") or {}).get(HASH_KEY, ""))


def _tag(workload: JsonObject) -> str:
    containers: Sequence[JsonObject] = (
        workload.get("spec", {}).get("template", {}).get("spec", {}).get("containers", ())
    )
    return str(containers[0]["image"]).rpartition(":")[2] if containers else ""


class ModelServer:
    """Spreads requests over destinations by weight and counts what became of them."""

    def __init__(self, failure_rates: Mapping[str, float] = FAILURE_RATES) -> None:
        self._failure_rates = failure_rates
        self._destinations: tuple[Destination, ...] = ()
        self._credit: dict[str, float] = {}
        self._failing: dict[Destination, float] = {}
        self._counts: dict[tuple[str, str, str, int], int] = {}

    def route(self, found: tuple[Destination, ...]) -> None:
        """Send what comes from now on to these destinations. Their counters exist from here on, at zero."""
        if found == self._destinations:
            return
        self._destinations = found
        self._credit = {each.service: 0.0 for each in found}
        for each in found:
            for status in (200, 503):
                self._counts.setdefault((each.service, each.revision, each.tag, status), 0)

    def predict(self) -> Prediction | None:
        """Answer one request; None while nothing is served."""
        chosen = self._next()
        if chosen is None:
            return None
        status = 503 if self._fails(chosen) else 200
        self._counts[chosen.service, chosen.revision, chosen.tag, status] += 1
        return Prediction(chosen, status)

    def _next(self) -> Destination | None:
        """Choose by smooth weighted round robin: each share is met exactly, at even distances."""
        total = sum(each.weight for each in self._destinations)
        if not total:
            return None
        for each in self._destinations:
            self._credit[each.service] += each.weight
        chosen = max(self._destinations, key=lambda each: self._credit[each.service])
        self._credit[chosen.service] -= total
        return chosen

    def _fails(self, chosen: Destination) -> bool:
        owed = self._failing.get(chosen, 0.0) + self._failure_rates.get(chosen.tag, HEALTHY)
        fails = owed >= 1.0
        self._failing[chosen] = owed - 1.0 if fails else owed
        return fails

    def metrics(self) -> str:
        """Return the counters as Prometheus reads them."""
        lines = ["# HELP model_requests_total Predictions asked for.", "# TYPE model_requests_total counter"]
        for (service, revision, tag, status), count in sorted(self._counts.items()):
            labels = f'service="{service}",revision="{revision}",tag="{tag}",code="{status}"'
            lines.append(f"model_requests_total{{{labels}}} {count}")
        return "\n".join(lines) + "\n"
