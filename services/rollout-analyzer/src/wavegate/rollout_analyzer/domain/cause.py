"""Which commits led to what a Rollout does: the annotation that the syncer writes (architecture §9)."""

import json
from dataclasses import dataclass
from typing import Any

from wavegate.contracts.references import Commit
from wavegate.rollout_analyzer.domain.names import CAUSE, INTENT, Json


@dataclass(frozen=True, slots=True)
class Cause:
    """Commits, trace context and intent number to put on a Rollout's events."""

    commits: tuple[Commit, ...] = ()
    traceparent: str | None = None
    intent: int | None = None


def read_cause(annotations: Json) -> Cause:
    """Read the cause; what cannot be read is left out, since anybody may write an annotation."""
    said = _parsed(annotations.get(CAUSE))
    commit = _commit(said)
    traceparent = said.get("traceparent")
    return Cause(
        commits=(commit,) if commit else (),
        traceparent=traceparent if isinstance(traceparent, str) and len(traceparent) == 55 else None,
        intent=_number(annotations.get(INTENT)),
    )


def _parsed(text: Any) -> Json:
    if not isinstance(text, str) or len(text) > 4096:
        return {}
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _commit(said: Json) -> Commit | None:
    repository, ref, sha, seq = (said.get(key) for key in ("repository", "ref", "sha", "seq"))
    if not all(isinstance(one, str) and one for one in (repository, ref, sha)):
        return None
    if not isinstance(seq, int) or isinstance(seq, bool):
        return None
    return Commit(repository=str(repository), ref=str(ref), seq=seq, sha=str(sha))


def _number(text: Any) -> int | None:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 16 else None
