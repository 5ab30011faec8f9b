"""The bus's allow-lists, one user each, generated from the routing table (architecture §9). No deny rules."""

from dataclasses import dataclass

from wavegate.contracts.routing import RENDERER, ROUTES, SERVICES, SYNCER
from wavegate.contracts.streams import BUNDLES, STREAMS

PROVISIONER = "provisioner"
OBSERVER = "observer"


@dataclass(frozen=True, slots=True)
class Permissions:
    """What a user of the bus may publish and subscribe to; subject patterns."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def inbox_prefix(user: str) -> str:
    """Return the reply-subject prefix that only this user may listen on."""
    return f"_INBOX_{user}"


def _spoken(service: str) -> tuple[str, ...]:
    subjects: list[str] = [f"wavegate.dead.{service}.>"]
    for route in ROUTES:
        if service not in route.publishers:
            continue
        if route.public:
            subjects.append(f"wavegate.{route.message.AREA}.*.*.{route.message.name()}")
        subjects.extend(f"wavegate.work.{worker}.*.{route.message.name()}" for worker in route.workers)
    return tuple(subjects)


def _consuming(service: str) -> tuple[str, ...]:
    return (
        f"$JS.API.CONSUMER.INFO.WORK.{service}",
        f"$JS.API.CONSUMER.MSG.NEXT.WORK.{service}",
        f"$JS.ACK.WORK.{service}.>",
    )


def _bundles(service: str) -> tuple[str, ...]:
    reading = (
        "$JS.API.STREAM.NAMES",
        f"$JS.API.STREAM.INFO.OBJ_{BUNDLES}",
        f"$JS.API.DIRECT.GET.OBJ_{BUNDLES}.>",
        f"$JS.API.STREAM.MSG.GET.OBJ_{BUNDLES}",
        f"$JS.API.CONSUMER.CREATE.OBJ_{BUNDLES}",
        f"$JS.API.CONSUMER.CREATE.OBJ_{BUNDLES}.>",
        f"$JS.API.CONSUMER.DELETE.OBJ_{BUNDLES}.>",
        f"$JS.API.CONSUMER.INFO.OBJ_{BUNDLES}.>",
        f"$JS.FC.OBJ_{BUNDLES}.>",
    )
    if service == SYNCER:
        return reading
    if service == RENDERER:
        return (*reading, f"$O.{BUNDLES}.>", f"$JS.API.STREAM.PURGE.OBJ_{BUNDLES}")
    return ()


def _service(service: str) -> Permissions:
    return Permissions(
        publish=(*_spoken(service), *_consuming(service), *_bundles(service)),
        subscribe=(f"{inbox_prefix(service)}.>", "wavegate.platform.*.*.StreamsRecreated"),
    )


def _provisioner() -> Permissions:
    names = (*(stream.name for stream in STREAMS), f"OBJ_{BUNDLES}")
    return Permissions(
        publish=(
            *(f"$JS.API.STREAM.{verb}.{name}" for verb in ("INFO", "CREATE", "UPDATE") for name in names),
            *(f"$JS.API.CONSUMER.{verb}.WORK.>" for verb in ("INFO", "CREATE")),
            *(f"$JS.API.CONSUMER.DURABLE.CREATE.WORK.{service}" for service in SERVICES),
            f"wavegate.platform.{PROVISIONER}.*.StreamsRecreated",
        ),
        subscribe=(f"{inbox_prefix(PROVISIONER)}.>",),
    )


def _observer() -> Permissions:
    """Read-only: follow the public events, live and from the past."""
    return Permissions(
        publish=(
            *(f"$JS.API.STREAM.INFO.{stream.name}" for stream in STREAMS),
            "$JS.API.CONSUMER.CREATE.EVENTS",
            "$JS.API.CONSUMER.CREATE.EVENTS.>",
            "$JS.API.CONSUMER.INFO.EVENTS.>",
            "$JS.API.CONSUMER.DELETE.EVENTS.>",
            "$JS.API.CONSUMER.MSG.NEXT.EVENTS.>",
            "$JS.ACK.EVENTS.>",
            "$JS.FC.EVENTS.>",
            *(f"$JS.API.STREAM.MSG.GET.{name}" for name in ("EVENTS", "DEAD")),
            "$JS.API.STREAM.NAMES",
        ),
        subscribe=(
            *(subject for stream in STREAMS if stream.name == "EVENTS" for subject in stream.subjects),
            f"{inbox_prefix(OBSERVER)}.>",
        ),
    )


def permissions() -> dict[str, Permissions]:
    """Return every user of the bus with what it may do."""
    users = {service: _service(service) for service in SERVICES}
    return {**users, PROVISIONER: _provisioner(), OBSERVER: _observer()}


__all__ = ["OBSERVER", "PROVISIONER", "Permissions", "inbox_prefix", "permissions"]
