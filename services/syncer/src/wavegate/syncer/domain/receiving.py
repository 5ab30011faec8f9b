"""Taking in what messages brought: the newest render, a failed one, and pushes that did not touch the application."""

from __future__ import annotations

from datetime import timedelta

from wavegate.contracts.identity import partition
from wavegate.syncer.domain import renders
from wavegate.syncer.domain.looking import Turn
from wavegate.syncer.domain.state import ApplicationState, Render, Verdict

UNAFFECTED_AFTER = timedelta(seconds=30)
"""How long the revision of an untouched application may lag: such writes are gathered (architecture §1, rule 4)."""


def receive(turn: Turn) -> Turn:
    """Take over renders and failures that count."""
    turn = _cleared_request(turn)
    spec_digest = turn.application.spec_digest
    offer = turn.seen.offer
    render = offer.render if offer is not None else None
    fault = renders.latest_fault(turn.state.fault, turn.seen.hints, spec_digest)
    if fault is not None and render is not None and renders.is_older(fault.commits, render.commits):
        fault = None
    if fault != turn.state.fault:
        turn = turn.recording(fault=fault)
    if offer is None or render is None or render == turn.state.render:
        return turn
    if _may_wait(turn.state, render) and turn.now < (due := offer.at + _lag(turn)):
        return turn.waking(due)
    return _taken(turn, render)


def _taken(turn: Turn, render: Render) -> Turn:
    turn = turn.recording(render=render)
    intent = turn.state.intent
    if intent is not None and _may_wait(turn.state, render):
        moved = intent.model_copy(update={"commits": render.commits, "source_types": render.source_types})
        return turn.recording(intent=moved)
    return turn


def _may_wait(state: ApplicationState, render: Render) -> bool:
    """Say whether a render changes nothing but the revision: the application stands, or is on its way, as it says."""
    operation = state.operation
    is_well = operation is not None and operation.verdict in {Verdict.SUCCEEDED, Verdict.RUNNING}
    return is_well and state.fault is None and renders.is_unaffected(render, state.intent)


def _lag(turn: Turn) -> timedelta:
    """Spread over applications, so that a push to a large repository is no burst of writes."""
    return UNAFFECTED_AFTER * (1 + partition(turn.application.ref.key) / 64)


def _cleared_request(turn: Turn) -> Turn:
    """Once a finished request is gone from the Application, the next one may be equal to it."""
    operation = turn.state.operation
    if operation is None or operation.is_running or not operation.request_digest or turn.application.operation:
        return turn
    return turn.operating(request_digest="")
