"""The stages of the story, one function each: what has to be seen of a commit, a step, a message."""

from collections.abc import Callable, Iterable
from itertools import pairwise

from wavegate.demo.story.audit import HASH_KEY, co_managed_writes, weights
from wavegate.demo.story.evidence import Evidence, JsonObject, SeenEvent, Sighting
from wavegate.demo.story.looks import (
    Look,
    Stage,
    a_write,
    all_of,
    an_event,
    an_object,
    delivered,
    field,
    no_object,
)
from wavegate.demo.story.measurements import Measurement, verdict

CONTROL_PLANE, NAMESPACE = "argocd", "fraud"
APPLICATION = "fraud-model"
ROLLOUT = "model-server"
STABLE, CANARY = "model-server-stable", "model-server-canary"
SYNCER, ANALYZER = "wavegate:syncer", "wavegate:rollout-analyzer"
WAVES = range(6)
ROLLOUT_WAVE = 4


def observed(sha: str) -> Stage:
    """git-watcher saw the tip, and wrote it into its state."""
    return Stage("observed", f"RevisionObserved of {sha[:7]}", an_event("RevisionObserved", sha=sha, text=_sequence))


def _sequence(data: JsonObject) -> str:
    return f"seq {data['seq']} by {data['trigger']}"


def rendered(sha: str) -> Stage:
    """The renderer turned the commit into objects."""
    look = an_event("ManifestsRendered", sha=sha, text=lambda data: f"{data['objects']} objects")
    return Stage("rendered", f"ManifestsRendered of {sha[:7]}", look)


def accepted(sha: str) -> Stage:
    """The syncer raised the fence to an intent for the commit."""
    look = an_event("IntentAccepted", sha=sha, text=lambda data: f"intent {data.get('intent')}")
    return Stage("accepted", f"IntentAccepted for {sha[:7]}", look)


def wave(sha: str, number: int) -> Stage:
    """A wave is written and healthy."""
    applied = an_event("WaveApplied", sha=sha, where=lambda data: data["wave"] == number, text=_written)
    healthy = an_event("WaveHealthy", sha=sha, where=lambda data: data["wave"] == number)
    return Stage(
        f"wave {number}", f"WaveApplied and WaveHealthy of wave {number} for {sha[:7]}", all_of(applied, healthy)
    )


def _written(data: JsonObject) -> str:
    return f"{data['applied']} applied, {data['unchanged']} unchanged, healthy"


def waves_in_order(sha: str, first_objects: Iterable[tuple[int, str, str]]) -> Stage:
    """The audit log shows that objects of a later wave were written after those of an earlier one.

    `first_objects` holds (wave, resource, name) of the objects to look for.
    """
    wanted = tuple(first_objects)

    def look(evidence: Evidence) -> Sighting | None:
        written = []
        for number, resource, name in wanted:
            times = [
                entry.time
                for entry in evidence.audit
                if (entry.user, entry.resource, entry.name) == (SYNCER, resource, name) and not entry.dry_run
            ]
            if not times:
                return None
            written.append((number, min(times)))
        in_order = all(early[1] <= late[1] for early, late in pairwise(written) if early[0] < late[0])
        return Sighting(max(time for _, time in written), f"{len(written)} first writes") if in_order else None

    return Stage("waves in order", f"the audit log: first writes for {sha[:7]}, wave after wave", look)


def synced(sha: str) -> Stage:
    """The sync ended well: the event says so, and the Application stands so."""
    stands = an_object("Application", CONTROL_PLANE, APPLICATION, lambda app: _is_synced(app, sha))
    ended = an_event("SyncSucceeded", sha=sha)
    look = all_of(ended, _saying("Synced, Healthy", stands))
    return Stage("synced", f"SyncSucceeded; Application Synced to {sha[:7]}, Healthy, Succeeded", look)


def _saying(text: str, look: Look) -> Look:
    def said(evidence: Evidence) -> Sighting | None:
        seen = look(evidence)
        return Sighting(seen.time, text, seen.event) if seen else None

    return said


def _is_synced(application: JsonObject, sha: str) -> bool:
    status = application.get("status") or {}
    return bool(
        field(status, "sync", "status") == "Synced"
        and field(status, "sync", "revision") == sha
        and field(status, "health", "status") == "Healthy"
        and field(status, "operationState", "phase") == "Succeeded"
    )


def sync_failed(sha: str) -> Stage:
    """The sync ended Failed: the event names the reason, and the Application stands so."""

    def stands(application: JsonObject) -> bool:
        operation = field(application, "status", "operationState") or {}
        return bool(operation.get("phase") == "Failed" and field(operation, "syncResult", "revision") == sha)

    ended = an_event("SyncFailed", sha=sha, text=lambda data: f"{data['reason']}: {data['detail']}")
    look = all_of(ended, an_object("Application", CONTROL_PLANE, APPLICATION, stands))
    return Stage("sync failed", f"SyncFailed; operationState Failed at {sha[:7]}", look)


def superseded(sha: str) -> Stage:
    """A newer intent took the commit's place."""
    look = an_event("SyncSuperseded", sha=sha, text=lambda data: f"by intent {data['by']}")
    return Stage("superseded", f"SyncSuperseded of {sha[:7]}", look)


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
    written = _any_write(ANALYZER, "virtualservices", ROLLOUT, lambda obj: weights(obj).get(CANARY) == percent)
    return Stage(
        f"weight {percent} %", f"WeightSet {percent}; VirtualService written so by {ANALYZER}", all_of(said, written)
    )


def _any_write(who: str, resource: str, name: str, fits: Callable[[JsonObject], bool]) -> Look:
    ways = [a_write(who, verb, resource, name, fits) for verb in ("patch", "update")]
    return lambda evidence: next((seen for way in ways if (seen := way(evidence))), None)


def analysis(percent: int, phase: str, consequence: str = "") -> Stage:
    """The analysis at a weight ended as it should: its event, its measurements, and the AnalysisRun itself."""

    def look(evidence: Evidence) -> Sighting | None:
        started = _analysis_at(evidence, percent)
        if started is None:
            return None
        run = str(started.data["analysis_run"])
        ended = an_event("AnalysisCompleted", where=lambda data: data["analysis_run"] == run)(evidence)
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
        if event.name == "MeasurementTaken" and event.data["analysis_run"] == run
    ]
    metrics = field(stands, "spec", "metrics") or [{}]
    return verdict(taken, int(metrics[0].get("count") or len(taken)))


def promoted(tag: str) -> Stage:
    """The canary became stable."""

    def stands(rollout: JsonObject) -> bool:
        status = rollout.get("status") or {}
        return bool(
            _image(rollout).endswith(f":{tag}")
            and status.get("phase") == "Healthy"
            and status.get("stableRS") == status.get("currentPodHash")
        )

    look = all_of(
        an_event("RolloutPromoted", text=lambda data: f"{tag} is stable, revision {data['revision']}"),
        an_object("Rollout", NAMESPACE, ROLLOUT, stands),
    )
    return Stage("promoted", f"RolloutPromoted; Rollout Healthy with {tag} as stable", look)


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
        return _image(rollout).endswith(f":{tag}") and field(rollout, "status", "phase") == "Healthy"

    look = all_of(
        an_object("Rollout", NAMESPACE, ROLLOUT, stands, f"{tag}, 100 % stable"),
        an_object("VirtualService", NAMESPACE, ROLLOUT, all_at_stable),
    )
    return Stage("rollout healthy", f"Rollout Healthy with {tag}, all traffic at stable", look)


def slack(sha: str, needle: str) -> Stage:
    """Slack accepted a message about the commit; the text is told exactly, with the event that caused it."""
    look = delivered("slack", sha, lambda accepted: needle in str(accepted["text"]))
    return Stage("Slack accepted", f"a message with {needle!r} in Slack's record; NotificationDelivered", look)


def pagerduty(sha: str) -> Stage:
    """PagerDuty accepted a trigger about the commit."""
    look = delivered("pagerduty", sha, lambda accepted: accepted["action"] == "trigger")
    return Stage("PagerDuty incident", f"a trigger for {sha[:7]} in PagerDuty's record; NotificationDelivered", look)


def healed(kind: str, resource: str, name: str, fits: Callable[[JsonObject], bool]) -> Stage:
    """A drifted object was brought back by the syncer: both events, its write in the audit log, and the object."""
    look = all_of(
        an_event("DriftDetected", where=lambda data: data["resource"]["name"] == name),
        an_event("DriftHealed", where=lambda data: data["resource"]["name"] == name),
        _any_write(SYNCER, resource, name, fits),
        an_object(kind, NAMESPACE, name, fits, f"{name} stands as in Git"),
    )
    return Stage("healed", f"DriftDetected, DriftHealed; {name} rewritten by {SYNCER}", look)


def drifted(name: str) -> Stage:
    """The syncer saw that a live object differs."""
    look = an_event(
        "DriftDetected",
        where=lambda data: data["resource"]["name"] == name,
        text=lambda data: f"{', '.join(data['fields'])} by {data['manager']}".strip(),
    )
    return Stage("drift seen", f"DriftDetected of {name}", look)


def pruned(kind: str, resource: str, name: str) -> Stage:
    """An object that left Git left the cluster, by the syncer's hand."""
    look = all_of(
        a_write(SYNCER, "delete", resource, name), _saying(f"{name} is gone", no_object(kind, NAMESPACE, name))
    )
    return Stage("pruned", f"{name} deleted by {SYNCER}", look)


def co_managed_untouched() -> Stage:
    """During the canary the syncer wrote Services and VirtualService, and moved nothing that is the analyzer's."""

    def look(evidence: Evidence) -> Sighting | None:
        writes = co_managed_writes(evidence.audit, SYNCER)
        meant = [write for write in writes if write.entry.resource == "virtualservices"]
        if not meant or any(write.changed for write in writes):
            return None
        return Sighting(
            max(write.entry.time for write in writes),
            f"{len(writes)} writes by {SYNCER}, no weight or {HASH_KEY} moved",
        )

    return Stage(
        "co-managed fields",
        f"the audit log: {SYNCER} wrote a VirtualService in the canary, and changed no co-managed value",
        look,
    )
