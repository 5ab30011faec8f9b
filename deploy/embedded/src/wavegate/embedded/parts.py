"""What the supervisor runs, as values: long-lived parts, and one-time preparations between them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from wavegate.embedded.probes import Probe


@dataclass(frozen=True, slots=True)
class Part:
    """A child process.

    `needs` names what must be ready before it is started. `ready_within` and `grace`, the time it is given to stop by
    itself, are in seconds.
    """

    name: str
    command: tuple[str, ...]
    ready: Probe
    needs: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_within: float = 60.0
    grace: float = 5.0


@dataclass(frozen=True, slots=True)
class Preparation:
    """Something done once when what it needs is ready."""

    name: str
    run: Callable[[], Awaitable[None]]
    needs: tuple[str, ...] = ()


Node = Part | Preparation


def required(wanted: Sequence[str], nodes: Mapping[str, Node]) -> tuple[Node, ...]:
    """Return the wanted nodes and all that they need, in the order of `nodes`.

    Raises:
        ValueError: A name is not among the nodes.
    """
    chosen: set[str] = set()
    pending = list(wanted)
    while pending:
        name = pending.pop()
        if name not in nodes:
            raise ValueError(f"{name} is no part of the platform; there are {', '.join(nodes)}")
        if name not in chosen:
            chosen.add(name)
            pending.extend(nodes[name].needs)
    return tuple(node for name, node in nodes.items() if name in chosen)
