"""How the commands reach a platform: what was said on the command line, or `platform.json`, or KUBECONFIG."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

_GROUP = "wavegate.platform"


class OutOfReach(Exception):
    """There is nothing to ask; the text says what to do about it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Addresses and credentials. `nats_seed` is the file of the observer's key; None where the bus asks for none."""

    kubeconfig: Path | None = None
    nats_url: str = ""
    nats_seed: Path | None = None
    nats_ca: Path | None = None


def reach(given: Reach, platform: Path | None, environment: Mapping[str, str] = os.environ) -> Reach:
    """Return how to reach the platform: what is `given` first, then a platform's description, then KUBECONFIG.

    Raises:
        OutOfReach: The platform's description cannot be read.
    """
    description = platform or _named(environment) or _running()
    told = _told(description) if description else Reach()
    kubeconfig = given.kubeconfig or told.kubeconfig or _from_environment(environment)
    return Reach(kubeconfig, given.nats_url or told.nats_url, given.nats_seed or told.nats_seed, given.nats_ca)


def cluster(found: Reach) -> Path:
    """Return the kubeconfig.

    Raises:
        OutOfReach: There is none.
    """
    if found.kubeconfig is None:
        raise OutOfReach("nothing is up and KUBECONFIG is not set: `wavegate up`, or --kubeconfig FILE")
    return found.kubeconfig


def bus(found: Reach) -> str:
    """Return the bus's address.

    Raises:
        OutOfReach: There is none.
    """
    if not found.nats_url:
        raise OutOfReach("nothing is up and no bus was named: `wavegate up`, or --nats URL and --nats-seed FILE")
    return found.nats_url


def _named(environment: Mapping[str, str]) -> Path | None:
    path = environment.get("WAVEGATE_PLATFORM", "")
    return Path(path) if path else None


def _from_environment(environment: Mapping[str, str]) -> Path | None:
    first = environment.get("KUBECONFIG", "").split(os.pathsep)[0]
    return Path(first) if first else None


def _running() -> Path | None:
    """Return the description of the platform that runs on this machine, asked of whoever starts platforms here."""
    for entry in entry_points(group=_GROUP):
        found: Path | None = entry.load()()
        if found is not None:
            return found
    return None


def _told(description: Path) -> Reach:
    try:
        said: dict[str, Any] = json.loads(description.read_text())
        return Reach(Path(said["kubeconfig"]), said["nats"]["url"], Path(said["nats"]["credentials"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutOfReach(f"{description} cannot be read as a platform's description: {type(error).__name__}") from error
