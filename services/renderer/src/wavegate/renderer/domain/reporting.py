"""What is said about a render, and when trouble that may pass is called a failure."""

from datetime import datetime, timedelta

from wavegate.contracts.application import ManifestsRendered, RenderFailed
from wavegate.contracts.commands import RenderApplication
from wavegate.contracts.events import Emitted
from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.contracts.reconciling import Hint
from wavegate.contracts.references import BundleRef
from wavegate.renderer.domain.results import Failed, Rendered, Result

PATIENCE = timedelta(seconds=60)
"""How long trouble outside (a server that does not answer) is tried again before it is called a failure."""
DETAIL_LIMIT = 4000


def emitted(hint: Hint, command: RenderApplication, result: Result) -> Emitted:
    """Return the event of a render; its id comes from the request's, so that a repetition says nothing new."""
    message = _rendered(command, result) if isinstance(result, Rendered) else _failed(command, result)
    return Emitted(message, f"{hint.id}:0", cause=hint.id or None, traceparent=hint.traceparent)


def impatient(hint: Hint, trouble: RetryLater, now: datetime) -> Failed | None:
    """Return trouble as a failure once it has lasted; None as long as it may pass."""
    if hint.time is None or now - hint.time < PATIENCE:
        return None
    return Failed(trouble.reason, trouble.message)


def _rendered(command: RenderApplication, result: Rendered) -> ManifestsRendered:
    return ManifestsRendered(
        object=command.object,
        commits=command.commits,
        intent=command.intent,
        bundle=BundleRef(digest=result.bundle.digest, size=result.bundle.size),
        objects=result.objects,
        source_types=result.source_types,
        spec_digest=command.spec_digest,
        read_set=result.read_set,
        reason=command.reason,
        cached=result.cached,
    )


def _failed(command: RenderApplication, result: Failed) -> RenderFailed:
    return RenderFailed(
        object=command.object,
        commits=command.commits,
        intent=command.intent,
        spec_digest=command.spec_digest,
        reason=Reason(result.reason),
        detail=_bounded(result.detail),
        source_index=result.source_index,
    )


def _bounded(text: str) -> str:
    """Return text fit for a condition: printable, of bounded length."""
    plain = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return plain if len(plain) <= DETAIL_LIMIT else f"{plain[:DETAIL_LIMIT]}…"
