"""What has to be seen when the cluster is brought back to what Git says."""

from collections.abc import Callable

from wavegate.demo.story.cast_names import NAMESPACE, SYNCER
from wavegate.demo.story.evidence import JsonObject
from wavegate.demo.story.looks import Stage, a_write, all_of, an_event, an_object, any_write, no_object, saying


def healed(kind: str, resource: str, name: str, fits: Callable[[JsonObject], bool]) -> Stage:
    """A drifted object was brought back by the syncer: both events, its write in the audit log, and the object."""
    look = all_of(
        an_event("DriftDetected", where=lambda data: data["resource"]["name"] == name),
        an_event("DriftHealed", where=lambda data: data["resource"]["name"] == name),
        any_write(SYNCER, resource, name, fits),
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
        a_write(SYNCER, "delete", resource, name), saying(f"{name} is gone", no_object(kind, NAMESPACE, name))
    )
    return Stage("pruned", f"{name} deleted by {SYNCER}", look)
