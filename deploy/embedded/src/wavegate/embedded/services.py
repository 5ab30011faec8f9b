"""The provisioner and the five services as parts: what each is started with."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wavegate.contracts.access import PROVISIONER
from wavegate.contracts.routing import GIT_WATCHER, NOTIFIER, ROLLOUT_ANALYZER
from wavegate.embedded.addresses import LOOPBACK
from wavegate.embedded.parts import Part
from wavegate.embedded.probes import http_ready

# What a service sees of the user's environment besides WAVEGATE_ variables: nothing that could be a secret by habit.
_INHERITED = (
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "TZ",
    "XDG_CACHE_HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all services are told alike."""

    nats_url: str
    namespace: str
    folder: Path
    seeds: Mapping[str, Path]
    settings: Mapping[str, str]
    """Further WAVEGATE_ variables, given on purpose; they come last and win."""


def inherited(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what children see of the user's environment."""
    return {name: environment[name] for name in _INHERITED if name in environment}


def provisioner_part(around: Surroundings) -> Part:
    """Return the maker of the streams. Whoever needs streams waits for them by itself."""
    environment = _environment(PROVISIONER, around)
    return Part(
        PROVISIONER,
        (sys.executable, "-m", "wavegate.runtime.provisioner"),
        ready=_at_once,
        needs=("nats-server",),
        environment={**environment, **around.settings},
    )


def service_part(name: str, around: Surroundings, kubeconfig: Path, probe_port: int, own: Mapping[str, str]) -> Part:
    """Return a service as a part. `own` holds the settings that this service alone has."""
    environment = _environment(name, around) | {
        "WAVEGATE_KUBECONFIG": str(kubeconfig),
        "WAVEGATE_PROBE_PORT": str(probe_port),
        **own,
    }
    return Part(
        name,
        (sys.executable, "-m", f"wavegate.{name.replace('-', '_')}"),
        ready=http_ready(probe_port, "/readyz"),
        needs=("nats-server", PROVISIONER, "objects"),
        environment={**environment, **around.settings},
    )


def own_settings(webhook_port: int, prometheus_url: str, instance_id: str) -> dict[str, dict[str, str]]:
    """Return the settings that one service alone has, by service."""
    analyzer = {"WAVEGATE_PROMETHEUS_ADDRESS": prometheus_url}
    if instance_id:
        analyzer["WAVEGATE_INSTANCE_ID"] = instance_id
    return {
        GIT_WATCHER: {"WAVEGATE_WEBHOOK_HOST": LOOPBACK, "WAVEGATE_WEBHOOK_PORT": str(webhook_port)},
        ROLLOUT_ANALYZER: analyzer,
        # Whoever tries notifications here receives them here.
        NOTIFIER: {"WAVEGATE_ALLOW_LOOPBACK_EGRESS": "true"},
    }


def _environment(name: str, around: Surroundings) -> dict[str, str]:
    state = around.folder / "state" / name
    state.mkdir(parents=True)
    users = {variable: value for variable, value in os.environ.items() if variable.startswith("WAVEGATE_")}
    return {
        **inherited(),
        **users,
        # What is temporary goes where it is removed with everything else.
        "TMPDIR": str(state),
        "PYTHONUNBUFFERED": "1",
        "WAVEGATE_NATS_URL": around.nats_url,
        "WAVEGATE_NATS_NKEY_FILE": str(around.seeds[name]),
        "WAVEGATE_NAMESPACE": around.namespace,
        "WAVEGATE_STATE_DIR": str(state),
        "WAVEGATE_TRACE_FILE": str(around.folder / "traces" / f"{name}.jsonl"),
    }


async def _at_once() -> bool:
    return True
