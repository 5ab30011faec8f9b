"""A platform held by a process of its own, as `wavegate up` does it, here with the bus alone."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wavegate.embedded import runs

pytestmark = pytest.mark.integration

HOLDER = """
import asyncio
from wavegate.embedded.holding import hold
from wavegate.embedded.platform import Platform

asyncio.run(hold(Platform(("nats-server",), purpose="up"), lambda platform: print(platform.folder, flush=True)))
"""


@pytest.fixture
def holder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True) as process:
        folder = Path(process.stdout.readline().strip())
        assert folder.is_dir()
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_it_and_nothing_is_left(holder, tmp_path, number):
    (run,) = runs.found_runs()
    os.kill(holder.pid, number)
    assert holder.wait(10) == 0
    assert list(tmp_path.iterdir()) == []
    assert not any(child.alive() for child in run.children)


def test_down_ends_a_live_one(holder, tmp_path):
    (run,) = runs.found_runs()
    runs.end(run)
    assert holder.wait(10) == 0
    assert list(tmp_path.iterdir()) == []


def test_down_cleans_up_after_one_that_was_killed(holder, tmp_path):
    (run,) = runs.found_runs()
    holder.kill()
    holder.wait(10)
    runs.end(run)
    assert list(tmp_path.iterdir()) == []
    assert not any(child.alive() for child in run.children)
