"""What became of single objects: taken over from outcomes into baselines and into the operation's results."""

from __future__ import annotations

from wavegate.manifests.comanaged import co_managed_paths
from wavegate.manifests.identity import ObjectKey, version_of
from wavegate.syncer.domain import telling
from wavegate.syncer.domain.actions import Removed, Unremoved, Unwritten, Written
from wavegate.syncer.domain.comparison import standing
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.state import ObjectResult
from wavegate.syncer.domain.wanted import Stage, Wanted
from wavegate.syncer.domain.writing import named


def absorbed(turn: Turn, wanted: Wanted) -> Turn:
    """Take over what the last actions came to. Outcomes stay in the turn: the phase still has to go on from them."""
    for outcome in turn.outcomes:
        match outcome:
            case Written(key, returned, change):
                turn = _with_written(turn, wanted, key, returned, change)
            case Unwritten(key, refusal):
                message = telling.safe(refusal.message, wanted)
                turn = marked(turn, key, "Failed", message, status="SyncFailed", version=_version(wanted, key))
            case Removed(key):
                turn = marked(turn, key, "Succeeded", "pruned", status="Pruned", version=_version(wanted, key))
                kept = {text: digests for text, digests in turn.state.baselines.items() if text != str(key)}
                turn = turn.recording(baselines=kept)
            case Unremoved(key, refusal):
                turn = marked(turn, key, "Failed", telling.safe(refusal.message, wanted), status="SyncFailed")
            case _:
                pass
    return turn


def _with_written(turn: Turn, wanted: Wanted, key: ObjectKey, returned: dict[str, object], change: str) -> Turn:
    obj = wanted.objects.get(key)
    if obj is None:
        return turn
    digests = standing(obj, returned, co_managed_paths(obj, turn.seen.planned))
    turn = turn.recording(baselines={**turn.state.baselines, str(key): digests})
    return marked(turn, key, "Running", f"{named(key)} {change}", version=_version(wanted, key))


def with_unchanged(turn: Turn, wanted: Wanted, stage: Stage) -> Turn:
    """List the stage's objects that stood as wanted."""
    operation = turn.operation
    listed = operation.results if operation else {}
    for key in stage.keys:
        if str(key) not in listed and (operation is None or operation.only is None or str(key) in operation.only):
            turn = marked(turn, key, "Running", f"{named(key)} unchanged", version=_version(wanted, key))
    return turn


def marked(
    turn: Turn,
    key: ObjectKey,
    hook_phase: str,
    message: str | None = None,
    status: str | None = None,
    version: str = "",
) -> Turn:
    """Return the turn with an object's result changed, or begun."""
    operation = turn.state.operation
    if operation is None:
        return turn
    old = operation.results.get(str(key))
    if old is None and message is None:
        return turn
    new = ObjectResult(
        version=version or (old.version if old else ""),
        status=status or (old.status if old else "Synced"),
        message=message if message is not None else (old.message if old else ""),
        hook_phase=hook_phase,
    )
    return turn.operating(results={**operation.results, str(key): new})


def refused(turn: Turn, stage: Stage) -> tuple[tuple[ObjectKey, ObjectResult], ...]:
    """Return the stage's objects that could not be written."""
    results = turn.state.operation.results if turn.state.operation else {}
    found = ((key, results.get(str(key))) for key in stage.keys)
    return tuple((key, result) for key, result in found if result is not None and result.status == "SyncFailed")


def counted(turn: Turn, wanted: Wanted, wave: int) -> tuple[int, int]:
    """Return how many objects of a wave were written, and how many stood as wanted."""
    results = turn.state.operation.results if turn.state.operation else {}
    members = [results[str(key)] for key, number in wanted.waves.items() if number == wave and str(key) in results]
    unchanged = sum(1 for result in members if result.message.endswith(" unchanged"))
    return len(members) - unchanged, unchanged


def _version(wanted: Wanted, key: ObjectKey) -> str:
    return version_of(str(wanted.objects.get(key, {}).get("apiVersion", "")))
