"""What every Git process is started with."""

from pathlib import Path

import pytest

from wavegate.git.hardening import GitSettings, environment, options, removed_variables


def test_nothing_is_inherited_but_the_path_proxies_and_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_CONFIG_COUNT", "GIT_PROXY_COMMAND", "LD_PRELOAD", "SSH_AUTH_SOCK", "WAVEGATE_X"):
        monkeypatch.setenv(name, "x")
    removed = removed_variables(environment(GitSettings()))

    assert {"GIT_DIR", "GIT_CONFIG_COUNT", "GIT_PROXY_COMMAND", "LD_PRELOAD", "SSH_AUTH_SOCK", "WAVEGATE_X"} <= {
        *removed
    }
    assert "PATH" not in removed
    assert "HOME" not in removed


def test_only_the_addresses_own_transport_is_open() -> None:
    assert "protocol.allow=never" in options(None)
    assert not [one for one in options(None) if one.endswith("=always")]
    assert [one for one in options("https") if one.endswith("=always")] == ["protocol.https.allow=always"]


@pytest.mark.parametrize("part", ["core.hooksPath=/dev/null", "core.fsmonitor=false", "fetch.fsckObjects=true"])
def test_hooks_monitors_and_unchecked_objects_are_off(part: str) -> None:
    assert part in options("https")


@pytest.mark.shows(
    "Private repositories",
    "partly",
    "ssh with one key and known hosts for all, by setting; Argo CD's repository Secrets are not read, so private https is not reached",
)
def test_ssh_checks_host_keys_and_knows_no_agent() -> None:
    command = environment(GitSettings(ssh_key_file=Path("/keys/id"), known_hosts_file=Path("/keys/hosts")))[
        "GIT_SSH_COMMAND"
    ]

    for part in ("StrictHostKeyChecking=yes", "BatchMode=yes", "UserKnownHostsFile=/keys/hosts", "IdentityAgent=none"):
        assert part in command


def test_a_path_that_a_shell_could_misread_is_refused() -> None:
    with pytest.raises(ValueError, match="plain characters"):
        environment(GitSettings(ssh_key_file=Path("/keys/$(id)")))
