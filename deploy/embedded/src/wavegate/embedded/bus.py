"""The nats-server's part: durable JetStream, one nkey and one allow-list for each user, nobody anonymous."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import nkeys

from wavegate.contracts.access import Permissions
from wavegate.embedded.certificates import write_private
from wavegate.embedded.parts import Part
from wavegate.embedded.probes import greets

_MAX_PAYLOAD = 1 << 20
# The streams reserve their limits, so this must hold the sum of them.
_MAX_STORE = 16 << 30
_MAX_MEMORY = 256 << 20


def write_keys(folder: Path, users: Iterable[str]) -> tuple[dict[str, Path], dict[str, str]]:
    """Make a key pair for each user of the bus.

    Returns:
        The file of each user's seed, readable by its owner only, and each user's public key.
    """
    seeds: dict[str, Path] = {}
    public: dict[str, str] = {}
    for user in users:
        seed = nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER)  # type: ignore[no-untyped-call]
        public[user] = nkeys.from_seed(bytearray(seed)).public_key.decode()  # type: ignore[no-untyped-call]
        seeds[user] = folder / f"{user}.nk"
        write_private(seeds[user], bytes(seed) + b"\n")
    return seeds, public


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens and keeps its streams; `monitor` is the address of its health page, if it has one."""

    host: str
    port: int
    store: str
    monitor: str = ""


def configuration(place: Place, public_keys: Mapping[str, str], allowed: Mapping[str, Permissions]) -> str:
    """Return the server's configuration. JSON is a subset of its language."""
    users = [
        {
            "nkey": public_keys[user],
            "permissions": {
                "publish": {"allow": list(permissions.publish)},
                "subscribe": {"allow": list(permissions.subscribe)},
            },
        }
        for user, permissions in allowed.items()
    ]
    content = {
        "server_name": "wavegate",
        "listen": f"{place.host}:{place.port}",
        "max_payload": _MAX_PAYLOAD,
        # What the server has confirmed is on the disk, not only in its cache.
        "jetstream": {
            "store_dir": place.store,
            "sync_interval": "always",
            "max_file_store": _MAX_STORE,
            "max_memory_store": _MAX_MEMORY,
        },
        "authorization": {"users": users},
    }
    return json.dumps(content | ({"http": place.monitor} if place.monitor else {}), indent=2) + "\n"


def nats_part(program: Path, configured: Path, port: int) -> Part:
    """Return the server as a part. It greets clients only once JetStream is ready."""
    return Part("nats-server", (str(program), "--config", str(configured)), ready=greets(port, b"INFO "))
