"""What has to be seen of a canary: its weights and analyses, its promotion or its end, and that nobody else moved it."""

from wavegate.demo.story.audit import co_managed_writes, weights
from wavegate.demo.story.cast_names import ANALYZER, CANARY, NAMESPACE, ROLLOUT, STABLE, SYNCER
from wavegate.demo.story.evidence import Evidence, JsonObject, SeenEvent, Sighting
from wavegate.demo.story.looks import Stage, all_of, an_event, an_object, any_write, field
from wavegate.demo.story.measurements import Measurement, verdict


def canary_started(tag: str) -> Stage:
    """A new pod template began its way."""
    look = an_event(
        "RolloutStarted",
        where=lambda data: any(image.endswith(f":{tag}") for image in data["images"]),
        text=lambda data: f"revision {data['revision']} beside stable {data['stable']}",
    )
    return Stage("canary started", f"RolloutStarted with image tag {tag}", look)


def weight(percent: int) -> Stage:
    """The canary has its share: the event, and the analyzer's own write to the VirtualService in the audit log."""
    said = an_event(
        "WeightSet", where=lambda data: data["weight"] == percent, text=lambda _: f"{percent} % to the canary"
    )
    written = any_write(ANALYZER, "virtualservices", ROLLOUT, lambda obj: weights(obj).get(CANARY) == percent)
    return Stage(
        f"weight {percent} %", f"WeightSet {percent}; VirtualService written so by {ANALYZER}", all_of(said, written)
    )


def analysis(percent: int, phase: str, consequence: str = "") -> Stage:
    """The analysis at a weight ended as it should: its event, its measurements, and the AnalysisRun itself."""

    def look(evidence: Evidence) -> Sighting | None:
        started = _analysis_at(evidence, percent)
        if started is None:
            return None
        run = str(started.data["analysisRun"])
        ended = an_event("AnalysisCompleted", where=lambda data: data["analysisRun"] == run)(evidence)
        stands = evidence.live("AnalysisRun", NAMESPACE, run) or {}
        if ended is None or field(stands, "status", "phase") != phase:
            return None
        return Sighting(ended.time, _measured(evidence, run, stands) + consequence, ended.event)

    return Stage(f"analysis at {percent} %", f"AnalysisCompleted {phase}; the AnalysisRun's status.phase {phase}", look)


def _analysis_at(evidence: Evidence, percent: int) -> SeenEvent | None:
    """Find the first analysis that started after the weight was set and before the next weight."""
    reached = False
    for event in evidence.events:
        if event.name == "WeightSet":
            reached = event.data["weight"] == percent
        elif event.name == "AnalysisStarted" and reached:
            return event
    return None


def _measured(evidence: Evidence, run: str, stands: JsonObject) -> str:
    taken = [
        Measurement.of(event)
        for event in evidence.events
        if event.name == "MeasurementTaken" and event.data["analysisRun"] == run
    ]
    metrics = field(stands, "spec", "metrics") or [{}]
    return verdict(taken, int(metrics[0].get("count") or len(taken)))


def promoted(tag: str) -> Stage:
    """The canary became stable."""

    def stands(rollout: JsonObject) -> bool:
        status = rollout.get("status") or {}
        return bool(
            _image(rollout).endswith(f":{tag}")
            and _settled(rollout)
            and status.get("stableRS") == status.get("currentPodHash")
        )

    look = all_of(
        an_event("RolloutPromoted", text=lambda data: f"{tag} is stable, revision {data['revision']}"),
        an_object("Rollout", NAMESPACE, ROLLOUT, stands),
    )
    return Stage("promoted", f"RolloutPromoted; Rollout Healthy with {tag} as stable", look)


def _settled(rollout: JsonObject) -> bool:
    """Tell whether the status is Healthy and speaks of the spec as it stands; `observedGeneration` is a string."""
    status = rollout.get("status") or {}
    seen = str(status.get("observedGeneration", "")) == str(field(rollout, "metadata", "generation"))
    return bool(seen and status.get("phase") == "Healthy")


def _image(rollout: JsonObject) -> str:
    containers = field(rollout, "spec", "template", "spec", "containers") or [{}]
    return str(containers[0].get("image", ""))


def aborted() -> Stage:
    """The canary was given up and all traffic is back at stable: event, Rollout, and the VirtualService."""
    look = all_of(
        an_event("RolloutAborted", text=lambda data: str(data["detail"])),
        an_object("Rollout", NAMESPACE, ROLLOUT, lambda rollout: field(rollout, "status", "phase") == "Degraded"),
        an_object("VirtualService", NAMESPACE, ROLLOUT, all_at_stable),
    )
    return Stage("aborted", "RolloutAborted; Rollout Degraded; VirtualService 100 % stable", look)


def all_at_stable(virtual_service: JsonObject) -> bool:
    """Tell whether no traffic goes to the canary."""
    shares = weights(virtual_service)
    return shares.get(STABLE) == 100 and shares.get(CANARY) == 0


def stable_again(tag: str) -> Stage:
    """The Rollout is Healthy with an image that had been stable before."""

    def stands(rollout: JsonObject) -> bool:
        return _image(rollout).endswith(f":{tag}") and _settled(rollout)

    look = all_of(
        an_object("Rollout", NAMESPACE, ROLLOUT, stands, f"{tag}, 100 % stable"),
        an_object("VirtualService", NAMESPACE, ROLLOUT, all_at_stable),
    )
    return Stage("rollout healthy", f"Rollout Healthy with {tag}, all traffic at stable", look)


def co_managed_untouched() -> Stage:
    """The syncer wrote the routing while a canary had traffic, and never moved what is the analyzer's."""

    def look(evidence: Evidence) -> Sighting | None:
        writes = co_managed_writes(evidence.audit, SYNCER)
        routing = [write for write in writes if write.entry.resource == "virtualservices"]
        in_canary = [write for write in routing if 0 < weights(write.entry.object or {}).get(CANARY, 0) < 100]
        if not in_canary or any(write.changed for write in writes):
            return None
        told = f"{len(writes)} writes by {SYNCER}, {len(in_canary)} of the VirtualService in a canary: no weight"
        return Sighting(max(write.entry.time for write in writes), f"{told}, selector hash or replicas moved")

    return Stage(
        "co-managed fields",
        f"the audit log: {SYNCER} wrote the VirtualService during a canary, and changed no co-managed value",
        look,
    )
