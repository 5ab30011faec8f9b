"""The dry run before a sync's first write: what would be refused is refused before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator

from wavegate.contracts.reasons import Reason
from wavegate.manifests.comanaged import co_managed_paths
from wavegate.manifests.fields import Path
from wavegate.manifests.identity import ObjectKey
from wavegate.syncer.domain import ending, outcomes, telling, validating
from wavegate.syncer.domain.actions import DryRun, Tried, Write
from wavegate.syncer.domain.comparison import Comparison, compare, standing
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.state import Intent, Operation
from wavegate.syncer.domain.wanted import Wanted
from wavegate.syncer.domain.writing import write_of

FAILED = "one or more objects failed to apply (dry run)"


def answered(turn: Turn, wanted: Wanted) -> Turn | None:
    """Return what the dry run leads to: asking for it, or failing; None when the first stage may be written."""
    operation, intent = turn.operation, turn.state.intent
    if operation is None or intent is None or operation.heal is not None:
        return None
    tried = [outcome for outcome in turn.outcomes if isinstance(outcome, Tried)]
    if tried:
        return _judged(turn, wanted, tried)
    writes = tuple(_to_try(turn, wanted, intent, operation))
    return turn.doing(DryRun(writes)) if writes else None


def _judged(turn: Turn, wanted: Wanted, tried: list[Tried]) -> Turn | None:
    refused = [each for each in tried if each.refusal is not None]
    if not refused:
        return None
    for each in refused:
        message = telling.safe(each.refusal.message, wanted) if each.refusal else ""
        turn = outcomes.marked(turn, each.key, "Failed", message, status="SyncFailed")
    return ending.fail(turn, wanted, Reason.DRY_RUN_FAILED, FAILED, refused[0].key)


def with_baselines(turn: Turn, wanted: Wanted) -> Turn:
    """Rebuild baselines that are not known from what a dry run predicts (architecture §7: first sight, adoption).

    What the prediction says at our places is what stood if we had applied; where it differs from what lives, the object
    shows as OutOfSync, and where we do not own the fields yet, a sync writes it all the same.
    """
    rebuilt = {
        str(each.key): standing(wanted.objects[each.key], each.predicted, _paths(turn, wanted, each.key))
        for each in turn.outcomes
        if isinstance(each, Tried) and each.predicted is not None and _lacks_baseline(turn, wanted, each.key)
    }
    return turn.recording(baselines={**turn.state.baselines, **rebuilt}) if rebuilt else turn


def _paths(turn: Turn, wanted: Wanted, key: ObjectKey) -> tuple[Path, ...]:
    return co_managed_paths(wanted.objects[key], turn.seen.planned)


def _lacks_baseline(turn: Turn, wanted: Wanted, key: ObjectKey) -> bool:
    return str(key) not in turn.state.baselines and key in turn.seen.live and key in wanted.objects


def probe(turn: Turn, wanted: Wanted) -> Turn:
    """Ask for a dry run of live objects whose baseline is not known, so that they can be compared at all."""
    compared = compare(turn.seen, wanted, turn.state.baselines)
    unknown = [each for each in compared.objects.values() if each.wanted and each.live and each.last is None]
    writes = tuple(
        Write(each.key, each.wanted, each.live, co_managed_paths(each.wanted, turn.seen.moving))
        for each in unknown
        if each.wanted is not None and validating.is_served(turn.seen, each.wanted)
    )
    return turn.doing(DryRun(writes)) if writes else turn


def _to_try(turn: Turn, wanted: Wanted, intent: Intent, operation: Operation) -> Iterator[Write]:
    compared = compare(turn.seen, wanted, turn.state.baselines)
    for key in wanted.objects:
        write = write_of(turn.seen, intent, compared.objects[key])
        is_meant = operation.only is None or str(key) in operation.only
        if write is not None and is_meant and not _comes_with(turn, wanted, compared, key):
            yield write


def _comes_with(turn: Turn, wanted: Wanted, compared: Comparison, key: ObjectKey) -> bool:
    """Say whether what an object needs, its namespace or its kind's definition, comes with this very sync."""
    if not validating.is_served(turn.seen, wanted.objects[key]):
        return True
    home = compared.objects.get(ObjectKey("", "Namespace", "", key.namespace))
    return home is not None and home.live is None
