"""What has to be seen of a commit, from the push to the end of its sync, and of the messages about it."""

from collections.abc import Iterable
from itertools import pairwise

from wavegate.demo.story.cast_names import APPLICATION, CONTROL_PLANE, SYNCER, WAVES
from wavegate.demo.story.evidence import Evidence, JsonObject, Sighting
from wavegate.demo.story.looks import Stage, all_of, an_event, an_object, delivered, field, saying


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
    """A wave is written and healthy. As in Argo CD a sync ends when its last wave is written, health comes after it."""
    applied = an_event("WaveApplied", sha=sha, where=lambda data: data["wave"] == number, text=_written)
    if number == WAVES[-1]:
        return Stage(f"wave {number}", f"WaveApplied of wave {number} for {sha[:7]}", applied)
    healthy = an_event("WaveHealthy", sha=sha, where=lambda data: data["wave"] == number)
    wanted = f"WaveApplied and WaveHealthy of wave {number} for {sha[:7]}"
    return Stage(f"wave {number}", wanted, all_of(applied, healthy))


def _written(data: JsonObject) -> str:
    return f"{data['applied']} applied, {data['unchanged']} unchanged"


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
    look = all_of(ended, saying("Synced, Healthy", stands))
    return Stage("synced", f"SyncSucceeded; Application Synced to {sha[:7]}, Healthy, Succeeded", look)


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


def slack(sha: str, needle: str) -> Stage:
    """Slack accepted a message about the commit; the text is told exactly, with the event that caused it."""
    look = delivered("slack", sha, lambda accepted: needle in str(accepted["text"]))
    return Stage("Slack accepted", f"a message with {needle!r} in Slack's record; NotificationDelivered", look)


def pagerduty(sha: str) -> Stage:
    """PagerDuty accepted a trigger about the commit."""
    look = delivered("pagerduty", sha, lambda accepted: accepted["action"] == "trigger")
    return Stage("PagerDuty incident", f"a trigger for {sha[:7]} in PagerDuty's record; NotificationDelivered", look)
