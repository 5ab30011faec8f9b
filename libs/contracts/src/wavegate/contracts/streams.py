"""The streams, bucket and consumers of the bus, as values; the provisioner makes them so (architecture §9)."""

from dataclasses import dataclass

from wavegate.contracts.routing import SERVICES

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Stream:
    """One JetStream stream. Ages in seconds, sizes in bytes. `work_queue` streams drop a message once it is acked."""

    name: str
    subjects: tuple[str, ...]
    max_age: float
    max_bytes: int
    work_queue: bool
    discard_new: bool


@dataclass(frozen=True, slots=True)
class Consumer:
    """One durable pull consumer of WORK."""

    name: str
    filter_subject: str
    ack_wait: float
    max_deliver: int
    max_ack_pending: int


EVENTS = Stream(
    "EVENTS",
    tuple(f"wavegate.{area}.>" for area in ("repository", "application", "rollout", "notification", "platform")),
    max_age=30 * DAY,
    max_bytes=1 << 30,
    work_queue=False,
    discard_new=False,
)
WORK = Stream("WORK", ("wavegate.work.>",), max_age=7 * DAY, max_bytes=1 << 29, work_queue=True, discard_new=True)
DEAD = Stream("DEAD", ("wavegate.dead.>",), max_age=30 * DAY, max_bytes=1 << 28, work_queue=False, discard_new=False)
STREAMS = (EVENTS, WORK, DEAD)

BUNDLES = "bundles"
BUNDLES_MAX_BYTES = 2 << 30
DUPLICATE_WINDOW = 3600.0
MAX_DELIVER = 20

CONSUMERS = tuple(
    Consumer(service, f"wavegate.work.{service}.>", ack_wait=30.0, max_deliver=MAX_DELIVER, max_ack_pending=1024)
    for service in SERVICES
)
