"""The supervisor with small real children."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from wavegate.embedded import runs
from wavegate.embedded.parts import Part, Preparation
from wavegate.embedded.supervisor import StartFailed, Supervisor

pytestmark = pytest.mark.integration

IDLE = (sys.executable, "-I", "-S", "-c", "import signal; signal.pause()")
IGNORING = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", os.getpid(), flush=True)
while True:
    signal.pause()
"""
STUBBORN = (sys.executable, "-I", "-S", "-c", IGNORING)


async def at_once():
    return True


async def never():
    return False


def said(tmp_path, name, word):
    async def probe():
        log = tmp_path / f"{name}.log"
        return log.exists() and word in log.read_text()

    return probe


async def gone(process):
    async with asyncio.timeout(5):
        while process.alive():
            await asyncio.sleep(0.01)


class Watched:
    """A supervisor whose reports and changes a test can wait for."""

    def __init__(self, folder):
        self.reports = []
        self.changes = asyncio.Queue()
        self.supervisor = Supervisor(
            folder, folder, self.reports.append, lambda pids: self.changes.put_nowait(dict(pids))
        )

    async def pids_when(self, holds):
        while not holds(pids := await self.changes.get()):
            pass
        return pids


@pytest.fixture
async def watched(tmp_path):
    made = Watched(tmp_path)
    yield made
    await made.supervisor.take_down()


async def test_a_part_starts_when_what_it_needs_is_ready(watched):
    order = []

    def noting(name, needs=()):
        async def note():
            order.append(name)

        return Preparation(name, note, needs)

    await watched.supervisor.bring_up(
        [noting("last", ("child",)), Part("child", IDLE, at_once, needs=("first",)), noting("first")]
    )
    assert order == ["first", "last"]
    assert [line.split()[0] for line in watched.reports] == ["first", "child", "last"]


async def test_a_part_that_ends_before_it_is_ready_is_named_with_the_end_of_its_log(watched):
    broken = (sys.executable, "-c", "import sys; print('no such key'); sys.exit(3)")
    with pytest.raises(StartFailed, match=r"(?s)^broken stopped with exit status 3 .*no such key"):
        await watched.supervisor.bring_up([Part("broken", broken, never)])


async def test_a_part_that_is_never_ready_is_named(watched):
    with pytest.raises(StartFailed, match="slow was not ready within 0 s"):
        await watched.supervisor.bring_up([Part("slow", IDLE, never, ready_within=0.1)])


async def test_what_was_started_beside_a_failure_is_taken_down_too(watched):
    with pytest.raises(StartFailed):
        await watched.supervisor.bring_up([Part("good", IDLE, at_once), Part("slow", IDLE, never, ready_within=0.1)])
    children = [runs.Process(pid, runs.started_at(pid)) for pid in watched.supervisor.pids.values()]
    await watched.supervisor.take_down()
    assert len(children) == 2
    assert not [child for child in children if child.alive()]


async def test_a_part_that_dies_is_started_again(watched):
    await watched.supervisor.bring_up([Part("child", IDLE, at_once)])
    first = watched.supervisor.pids["child"]
    os.kill(first, signal.SIGKILL)
    again = await watched.pids_when(lambda pids: pids["child"] != first)
    assert runs.started_at(again["child"]) > 0
    assert any("child ended with exit status -9; starting it again" in line for line in watched.reports)


async def test_a_part_that_ignores_the_request_to_stop_is_ended_with_its_descendants(watched, tmp_path):
    script = f"import subprocess; subprocess.Popen({list(STUBBORN)!r}).wait()"
    part = Part("parent", (sys.executable, "-c", script), said(tmp_path, "parent", "up"), grace=0.1)
    await watched.supervisor.bring_up([part])
    pid = int((tmp_path / "parent.log").read_text().split()[1])
    descendant = runs.Process(pid, runs.started_at(pid))
    await watched.supervisor.take_down()
    await gone(descendant)


SUPERVISOR = """
import asyncio, sys
from pathlib import Path
from wavegate.embedded import runs
from wavegate.embedded.parts import Part
from wavegate.embedded.supervisor import Supervisor

async def ready():
    return True

async def main():
    folder = Path(sys.argv[1])
    supervisor = Supervisor(folder, folder, lambda _: None, lambda pids: runs.record(folder, "test", pids))
    await supervisor.bring_up([Part("child", tuple(sys.argv[2:]), ready)])
    print(supervisor.pids["child"], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def crashed(tmp_path):
    """A supervisor killed with SIGKILL; gives the child that it had."""
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(tmp_path), *IDLE], stdout=subprocess.PIPE, text=True
    ) as supervisor:
        pid = int(supervisor.stdout.readline())
        child = runs.Process(pid, runs.started_at(pid))
        supervisor.kill()
    return child


async def test_a_killed_supervisor_leaves_no_child(crashed):
    await gone(crashed)
