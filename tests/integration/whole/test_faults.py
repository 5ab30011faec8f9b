"""kill -9 of every service in the middle of a push, and a bus that loses everything: the end is the same."""

import asyncio
import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from team import Team, config_map

from wavegate.contracts.routing import SERVICES
from wavegate.runtime import event_reader

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]


def kill(team: Team, part: str) -> None:
    with suppress(ProcessLookupError):  # it may still be down from the last time
        os.kill(team.platform.pids[part], signal.SIGKILL)


@pytest.mark.parametrize("service", [service for service in SERVICES if service != "rollout-analyzer"])
@pytest.mark.shows(
    "A service killed at any moment", "works", "the platform comes to the same end; nothing is sent twice"
)
async def test_a_service_killed_in_the_middle_of_a_push_loses_nothing(team: Team, service: str) -> None:
    for wave in range(3):
        team.write(f"app/{wave}.yaml", config_map(f"wave-{wave}", "1", sync_wave=str(wave)))
    first = team.push()
    name = f"killed-{service}"
    await team.application(name, "app")
    await team.synced(name, first)

    for value in ("2", "3"):
        for wave in range(3):
            team.write(f"app/{wave}.yaml", config_map(f"wave-{wave}", value, sync_wave=str(wave)))
        sha = team.push()
        await asyncio.sleep(0.05 * int(value))
        kill(team, service)
        team.deliver(sha)
        await team.synced(name, sha)
        assert [await team.value(f"wave-{wave}") for wave in range(3)] == [value] * 3


@pytest.mark.shows("The bus wiped at any moment", "works", "same end state; only the record of the past is lost")
async def test_a_bus_that_lost_everything_changes_nothing_about_the_end(team: Team) -> None:
    team.write("app/a.yaml", config_map("a", "1"))
    first = team.push()
    await team.application("wiped", "app")
    await team.synced("wiped", first)

    team.write("app/a.yaml", config_map("a", "2"))
    kill(team, "nats-server")
    shutil.rmtree(Path(team.platform.folder) / "bus" / "store", ignore_errors=True)
    second = team.push()
    await team.synced("wiped", second)
    assert await team.value("a") == "2"

    team.write("app/a.yaml", config_map("a", "3"))
    third = team.push()
    await team.synced("wiped", third)
    assert await team.value("a") == "3"


@pytest.mark.shows("A revert commit", "works", "a new intent, although its content was seen before")
async def test_a_revert_is_applied_although_its_content_was_seen_before(team: Team) -> None:
    team.write("app/a.yaml", config_map("a", "good"))
    await team.application("reverted", "app")
    await team.synced("reverted", team.push())
    team.write("app/a.yaml", config_map("a", "bad"))
    await team.synced("reverted", team.push())
    team.write("app/a.yaml", config_map("a", "good"))
    await team.synced("reverted", team.push())

    assert await team.value("a") == "good"


@pytest.mark.shows("Event stream", "works", "CloudEvents on NATS; every event names its commits, intent and cause")
async def test_every_event_of_a_sync_names_its_commit_and_the_chain_of_causes_is_whole(team: Team) -> None:
    team.write("app/a.yaml", config_map("a", "1"))
    sha = team.push()
    await team.application("chained", "app")
    await team.synced("chained", sha)

    events: list[Any] = []
    async with event_reader.opened(team.platform.nats_url, Path(team.platform.seeds["observer"])) as reader:
        async with asyncio.timeout(20):
            while not any(event.name == "SyncSucceeded" for event in events):
                events = [event async for event in reader.read(event_reader.about("chained"))]

    names = [event.name for event in events]
    order = ["ManifestsRendered", "IntentAccepted", "SyncStarted", "WaveApplied", "SyncSucceeded"]
    assert [name for name in names if name in order][: len(order)] == order
    for event in events:
        assert [commit["sha"] for commit in event.data["commits"]] == [sha]
    assert len({event.id for event in events}) == len(events)
    assert len({event.traceparent.split("-")[1] for event in events if event.traceparent}) == 1
