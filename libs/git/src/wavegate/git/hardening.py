"""What every Git process of ours is started with: its environment, its configuration, its limits.

Nothing of the machine's or the user's configuration counts, no hook or helper runs, no prompt waits, and only the
address's own transport is open (rows S20 to S23 of the security table; CVE-2024-32002, CVE-2022-24765).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_KEPT = ("PATH", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "TMPDIR")

_CONFIGURATION: Mapping[str, str] = {
    "protocol.allow": "never",
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.askPass": "",
    "core.attributesFile": "/dev/null",
    "core.packedGitWindowSize": "32m",
    "core.packedGitLimit": "256m",
    "core.bigFileThreshold": "16m",
    "credential.helper": "",
    "fetch.fsckObjects": "true",
    # Blemishes that old, honest repositories carry; none of them makes a tree dangerous.
    "fetch.fsck.zeroPaddedFilemode": "ignore",
    "fetch.fsck.badTimezone": "ignore",
    "fetch.fsck.missingSpaceBeforeDate": "ignore",
    "fetch.fsck.missingEmail": "ignore",
    "transfer.fsckObjects": "true",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "20",
    "http.followRedirects": "initial",
    "pack.threads": "1",
    "safe.directory": "*",
}


@dataclass(frozen=True, slots=True)
class GitSettings:
    """What the operator decides about Git.

    `ca_file` verifies https; `ssh_key_file` and `known_hosts_file` are for ssh, whose host keys are always checked.
    """

    ca_file: Path | None = None
    ssh_key_file: Path | None = None
    known_hosts_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one Git process.

    `seconds` of wall clock; `output_bytes` of what it prints; `file_bytes` of the largest file that it may write (a pack);
    `memory_bytes` of address space.
    """

    seconds: float = 60.0
    output_bytes: int = 32 << 20
    file_bytes: int = 4 << 30
    memory_bytes: int = 4 << 30


def removed_variables(given: Mapping[str, str]) -> list[str]:
    """Return the names of inherited environment variables that Git must not see; `given` are those that we set."""
    return [name for name in os.environ if name not in _KEPT and name not in given]


def environment(settings: GitSettings) -> dict[str, str]:
    """Return the variables that Git gets, besides the few that it inherits."""
    variables = {
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "LANGUAGE": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "SSH_ASKPASS": "/bin/false",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_SSH_VARIANT": "ssh",
        "GIT_SSH_COMMAND": _ssh_command(settings),
    }
    if settings.ca_file:
        variables["GIT_SSL_CAINFO"] = str(settings.ca_file)
    return variables


def options(scheme: str | None) -> list[str]:
    """Return the `-c` options of a Git process; only `scheme` (none for local work) may be spoken."""
    allowed = {f"protocol.{scheme}.allow": "always"} if scheme else {}
    return [part for name, value in {**_CONFIGURATION, **allowed}.items() for part in ("-c", f"{name}={value}")]


def _ssh_command(settings: GitSettings) -> str:
    """Return the ssh command: never asks, always checks the host key, knows no configuration and no agent."""
    choices = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": _quoted(settings.known_hosts_file),
        "GlobalKnownHostsFile": "/dev/null",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "IdentityFile": _quoted(settings.ssh_key_file),
        "ForwardAgent": "no",
        "ClearAllForwardings": "yes",
        "ConnectTimeout": "15",
    }
    return " ".join(["ssh", "-F", "/dev/null", *(f"-o {name}={value}" for name, value in choices.items())])


def _quoted(path: Path | None) -> str:
    """Return a path for the ssh command, which a shell reads: only plain characters are let through."""
    text = str(path) if path else "/dev/null"
    if not all(c.isalnum() or c in "/._-+@," for c in text):
        raise ValueError(f"{text!r}: use a path of plain characters")
    return text
