"""The whole story on real parts: every stage is asserted from objects, audit log, event stream and receivers' records."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from wavegate.demo import script
from wavegate.demo.running import NOW_TRY, OBSERVED, Demonstration
from wavegate.demo.script import Cast, Chapter, Tags

pytestmark = [pytest.mark.integration, pytest.mark.timeout(420)]


def told(output: str, *words: str) -> bool:
    return any(all(word in line for word in words) for line in output.splitlines())


@pytest.fixture(scope="module")
def own_runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Short, because sockets may lie under it.
    folder = tmp_path_factory.mktemp("run")
    folder.chmod(0o700)
    return folder


@pytest.fixture(scope="module")
def told_once(own_runtime: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wavegate.cli", "demo", "--once"],
        env=os.environ | {"XDG_RUNTIME_DIR": str(own_runtime), "TMPDIR": str(own_runtime), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )


def test_every_stage_is_observed(told_once: subprocess.CompletedProcess[str]) -> None:
    output = told_once.stdout

    assert told_once.returncode == 0, output + told_once.stderr
    assert "MISSING" not in output
    assert told(output, "analysis at 10 %", "< 0.99", "3 of 5 failed → aborted")
    assert told(output, "co-managed fields", "by wavegate:syncer")
    assert told(output, "healed", "stands as in Git")
    assert told(output, "pruned", "experiment-flags is gone")
    assert told(output, "PagerDuty incident")


@pytest.mark.shows("One trace per commit, readable as a file", "works")
def test_each_commit_leaves_a_trace_that_can_be_read(told_once: subprocess.CompletedProcess[str]) -> None:
    paths = [Path(line.split(": ", 1)[1]) for line in told_once.stdout.splitlines() if line.startswith("trace of")]
    traces = [json.loads(path.read_text()) for path in paths]

    assert len(traces) == 7
    for trace in traces:
        assert trace["commit"]
        events = {entry.get("event") for entry in trace["entries"]}
        assert {"RevisionObserved", "ManifestsRendered"} <= events


def test_nothing_is_left_but_the_cache(told_once: subprocess.CompletedProcess[str], own_runtime: Path) -> None:
    assert told_once.returncode == 0
    assert not list(own_runtime.rglob("run-*"))


def with_tags(chapter: Chapter, tags: Tags) -> Chapter:
    def played(cast: Cast, _: Tags) -> Awaitable[None]:
        return chapter(cast, tags)

    return played


async def output_of(command: str, seconds: float) -> str:
    """Run one of the commands that people are told to try, as long as it goes on but no longer than `seconds`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "wavegate.cli", *command.split()[1:], stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    said = b""
    try:
        async with asyncio.timeout(seconds):
            while chunk := await process.stdout.read(1 << 16):
                said += chunk
    except TimeoutError:
        process.kill()
    await process.wait()
    return said.decode()


async def test_swapping_the_models_swaps_the_outcomes(monkeypatch: pytest.MonkeyPatch, own_runtime: Path) -> None:
    """Here v3 comes first and is refused, and v2 comes after it and is promoted: the tag decides, not the turn."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(own_runtime))
    tried: dict[str, str] = {}

    async def now_try(_: Cast, __: Tags) -> None:
        tried.update({command: await output_of(command, seconds=6) for command in NOW_TRY})

    refused_first = (
        script.first_commit,
        with_tags(script.bad_model, Tags(good="v1", bad="v3")),
        with_tags(script.good_model, Tags(good="v2")),
        now_try,
    )
    console = Console(file=StringIO(), record=True, width=200)

    status = await Demonstration(console, once=True).run(refused_first)

    assert status == OBSERVED, console.export_text()
    for command, word in zip(NOW_TRY, ("Synced", "canary 0 %", "SyncSucceeded"), strict=True):
        assert word in tried[command], command
