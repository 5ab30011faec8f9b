"""`wavegate up --detach` and `wavegate down`, as an outside tool meets them."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from wavegate.contracts.routing import SERVICES
from wavegate.embedded.runs import Process, started_at

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

WAVEGATE = [sys.executable, "-m", "wavegate.cli"]


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    return tmp_path_factory.mktemp("runtime")


@pytest.fixture(scope="module")
def wavegate(runtime):
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime)}

    def call(*arguments):
        return subprocess.run([*WAVEGATE, *arguments], env=environment, capture_output=True, text=True, check=True)

    return call


@pytest.fixture(scope="module")
def described(wavegate):
    """The path in the last line of `up`."""
    yield Path(wavegate("up", "--detach").stdout.splitlines()[-1])
    wavegate("down")


@pytest.fixture
def platform(described):
    return json.loads(described.read_text())


def test_the_description_holds_what_an_outside_tool_needs(platform):
    assert set(platform) == {"kubeconfig", "webhook", "nats", "prometheus", "pids", "logs"}
    assert platform["webhook"]["url"].endswith("/api/webhook")
    assert Path(platform["kubeconfig"]).exists()
    assert Path(platform["nats"]["credentials"]).exists()
    assert set(SERVICES) <= set(platform["pids"])
    assert all(Path(log).exists() for log in platform["logs"].values())


def test_all_it_names_run_and_only_their_owner_can_read_their_secrets(platform, described):
    assert all(started_at(pid) > 0 for pid in platform["pids"].values())
    assert described.stat().st_mode & 0o077 == 0
    assert Path(platform["kubeconfig"]).stat().st_mode & 0o077 == 0


def test_the_webhook_refuses_what_is_not_signed(platform):
    request = urllib.request.Request(platform["webhook"]["url"], b"{}", {"X-GitHub-Event": "push"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    refused.value.close()
    assert refused.value.code in {400, 401, 403}


def test_no_secret_stands_in_a_command_line_or_a_log(platform):
    secret = platform["webhook"]["secret"]
    for pid in platform["pids"].values():
        assert secret not in Path(f"/proc/{pid}/cmdline").read_text()
    for log in platform["logs"].values():
        assert secret not in Path(log).read_text(errors="replace")


def test_a_killed_service_comes_back_and_the_description_says_so(platform, described):
    first = platform["pids"]["notifier"]
    os.kill(first, signal.SIGKILL)
    until = time.monotonic() + 30
    while (again := json.loads(described.read_text())["pids"]["notifier"]) == first:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert started_at(again) > 0


def test_down_leaves_nothing(wavegate, described, runtime):
    children = [Process(pid, started_at(pid)) for pid in json.loads(described.read_text())["pids"].values()]
    assert "stopped and removed 1" in wavegate("down").stdout
    assert list(runtime.iterdir()) == []
    assert not [child for child in children if child.alive()]
