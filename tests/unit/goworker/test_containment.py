"""A job that oversteps fails by name; the pool and the next job live."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from wavegate.goworker import (
    GoWorkerPool,
    HelmJob,
    MemoryFiles,
    NotificationScope,
    WorkerCrashed,
    WorkerError,
    WorkerOutOfMemory,
    WorkerTimeout,
    binary,
)
from wavegate.goworker.process import ProcessLimits
from wavegate.goworker.workers import Workers

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCOPE = NotificationScope({}, datetime(2026, 3, 4, tzinfo=UTC))
ENDLESS = "{{range until 100000}}{{range until 100000}}{{end}}{{end}}"
GREEDY = '{{ repeat 200000000 "xxxxxxxx" }}'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def small() -> AsyncIterator[GoWorkerPool]:
    limits = {"memory_limit_bytes": 160 << 20, "max_message_bytes": 100_000}
    async with GoWorkerPool(binary.locate(), size=1, **limits) as started:
        yield started


async def test_a_deadline_kills_and_the_next_job_runs(small: GoWorkerPool) -> None:
    with pytest.raises(WorkerTimeout, match=r"template did not end within 0.2 s"):
        await small.template({"m": ENDLESS}, SCOPE, deadline=0.2)
    assert await small.jq(".", 1) == (1,)


async def test_memory_kills_and_the_next_job_runs(small: GoWorkerPool) -> None:
    with pytest.raises(WorkerOutOfMemory, match="template needed more than 160 MiB of memory"):
        await small.template({"m": GREEDY}, SCOPE)
    assert await small.jq(".", 1) == (1,)


async def test_a_chart_is_held_to_the_same_limits(small: GoWorkerPool) -> None:
    files = {"c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n", "c/templates/x.yaml": GREEDY}
    with pytest.raises(WorkerOutOfMemory):
        await small.helm(HelmJob("c", "r", "n"), MemoryFiles(files))
    files["c/templates/x.yaml"] = ENDLESS
    with pytest.raises(WorkerTimeout):
        await small.helm(HelmJob("c", "r", "n"), MemoryFiles(files), deadline=0.3)


async def test_recursion_without_end_is_named(small: GoWorkerPool) -> None:
    with pytest.raises((WorkerError, WorkerCrashed), match=r"exceeded maximum template depth|stack overflow"):
        await small.template({"m": '{{define "a"}}{{template "a"}}{{end}}{{template "a"}}'}, SCOPE)
    assert await small.jq(".", 1) == (1,)


async def test_a_cancelled_job_frees_its_worker(small: GoWorkerPool) -> None:
    job = asyncio.create_task(small.template({"m": ENDLESS}, SCOPE))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await job
    assert await small.jq(".", 1, deadline=5) == (1,)


async def test_messages_are_bounded_both_ways(small: GoWorkerPool) -> None:
    with pytest.raises(WorkerError, match="RequestTooLarge"):
        await small.jq(".", "x" * 100_001)
    with pytest.raises(WorkerError, match="ResponseTooLarge: template: the answer has more than 100000 bytes"):
        await small.template({"m": '{{ repeat 100001 "x" }}'}, SCOPE)
    assert await small.jq(".", 1) == (1,)


async def test_what_json_cannot_hold_is_refused_before_it_is_sent(small: GoWorkerPool) -> None:
    with pytest.raises(WorkerError, match="BadRequest: Out of range float values"):
        await small.jq(".", float("nan"))


async def test_a_crash_says_what_the_worker_said(tmp_path: Path) -> None:
    async with GoWorkerPool(script(tmp_path, "read line; echo 'fatal error: boom' >&2; exit 3"), size=1) as pool:
        with pytest.raises(WorkerCrashed, match="during jq: exit status 3; fatal error: boom"):
            await pool.jq(".", 1)


async def test_an_answer_that_is_none_is_a_crash(tmp_path: Path) -> None:
    async with GoWorkerPool(script(tmp_path, "read line; echo hello; read line"), size=1) as pool:
        with pytest.raises(WorkerCrashed, match=r"it wrote b'hello\\n', which is no answer"):
            await pool.jq(".", 1)


async def test_a_worker_that_died_while_idle_is_replaced(tmp_path: Path) -> None:
    once = tmp_path / "once"
    body = f"""[ -e {once} ] || {{ : > {once}; exit 0; }}; read line; echo '{{"id": 1, "result": [7]}}'; read line"""
    async with GoWorkerPool(script(tmp_path, body), size=1) as pool:
        async with asyncio.timeout(5):
            while True:
                try:
                    assert await pool.jq(".", 1) == (7,)
                    break
                except WorkerCrashed:
                    continue


async def test_the_environment_is_scrubbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_SECRET", "x")
    body = """read line; printf '{"id": 1, "result": ["%s"]}\\n' "$(/usr/bin/env | /usr/bin/cut -d= -f1 | /usr/bin/sort | /usr/bin/tr '\\n' ' ')"; read line"""  # fmt: skip
    async with GoWorkerPool(script(tmp_path, body), size=1) as pool:
        names = set((await pool.jq(".", 1))[0].split())
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} == {"GOMEMLIMIT", "TZ"}


async def test_jobs_run_side_by_side_up_to_the_size() -> None:
    async with GoWorkerPool(binary.locate(), size=2) as pool:
        slow = asyncio.create_task(pool.template({"m": ENDLESS}, SCOPE, deadline=2))
        await asyncio.sleep(0)
        assert await asyncio.gather(*(pool.jq(".", n) for n in range(20))) == [(n,) for n in range(20)]
        assert not slow.done()
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow


async def test_leaving_ends_every_process() -> None:
    before = children()
    async with GoWorkerPool(binary.locate(), size=2) as pool:
        await asyncio.gather(*(pool.jq(".", n) for n in range(4)))
        assert len(children() - before) == 2
    assert children() == before


async def test_of_idle_workers_one_stays_warm() -> None:
    before = children()
    limits = ProcessLimits(memory=512 << 20, request=1 << 20, response=1 << 20)
    workers = Workers((str(binary.locate()),), 3, limits, idle_seconds=3600)
    await workers.start()
    jobs = [workers.run("jq", {"job": {"program": ".", "value": n}}, unasked, 5) for n in range(3)]
    assert await asyncio.gather(*jobs) == [[0], [1], [2]]
    assert len(children() - before) == 3
    await workers.stop_idle(longer_than=60)
    assert len(children() - before) == 3
    await workers.stop_idle(longer_than=0)
    assert len(children() - before) == 1
    assert await workers.run("jq", {"job": {"program": ".", "value": 7}}, unasked, 5) == [7]
    await workers.stop()
    assert children() == before


async def unasked(_question: dict[str, str]) -> dict[str, Any]:
    raise AssertionError


def children() -> set[str]:
    """Ids of this process's children that are workers."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            command = (folder / "cmdline").read_text()
        except OSError:
            continue
        if parent == os.getpid() and command.strip("\0").endswith(binary.locate().name):
            found.add(folder.name)
    return found


def script(folder: Path, body: str) -> Path:
    """A program that speaks for a worker."""
    path = folder / "worker"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path
