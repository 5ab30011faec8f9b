"""The analyzer's own state of a Rollout: what has been told of it (architecture §3).

How far a rollout is stands in `Rollout.status`, how far a measurement is in `AnalysisRun.status`; both are written by
compare-and-set. This object remembers which of their transitions have become events, so that each becomes exactly one:
an event is put into the outbox in the write that moves what is remembered here.
"""

from pydantic import Field

from wavegate.contracts.model import Contract


class RunTold(Contract):
    """What has been told of an AnalysisRun: the measurements of each metric by count, and whether its verdict was."""

    measured: dict[str, int] = Field(default_factory=dict)
    completed: bool = False


class RolloutState(Contract):
    """What has been told of a Rollout.

    `sequence` counts tellings; `revision` is the pod-template hash; `step` the index whose start was told; `weight` the
    canary's share in percent; `pause` and `trouble` identify what was told last and are empty when that is over.
    """

    uid: str
    sequence: int = 0
    revision: str = ""
    promoted: bool = False
    step: int | None = None
    weight: int = 0
    pause: str = ""
    aborted: bool = False
    trouble: str = ""
    runs: dict[str, RunTold] = Field(default_factory=dict)
