"""Pushes to a real repository, seen by webhook and by polling, recorded on a real API server."""

import asyncio
import time
from typing import Any

import pytest
from smart_http import Server, Upstream, git
from watched_team import Watched

from wavegate.contracts.reasons import Reason

pytestmark = [pytest.mark.integration]

SECRET = "hush-hush"


async def test_a_push_is_seen_without_a_webhook(upstream: Upstream, watched: Watched) -> None:
    first = upstream.commit({"app/a": "1"})
    name = await watched.application()
    await watched.until_tip(first, 1)
    second = upstream.commit({"app/a": "2"}, first)
    await watched.until_tip(second, 2)

    # The state is written first; its events follow.
    await watched.until(lambda: len(watched.events("RevisionObserved")) == 2)
    await watched.until(lambda: len(watched.events("RenderApplication")) >= 2)
    assert [entry.data["sha"] for entry in watched.events("RevisionObserved")] == [first, second]
    commands = [entry.data for entry in watched.events("RenderApplication") if entry.data["object"]["name"] == name]
    assert [command["commits"][0]["seq"] for command in commands] == [1, 2]
    assert not watched.events("HistoryRewritten")


async def test_an_authentic_webhook_is_answered_at_once_and_looked_after(upstream: Upstream, watched: Watched) -> None:
    first = upstream.commit({"app/a": "1"})
    await watched.application()
    await watched.until_tip(first, 1)
    await watched.set_secret(SECRET)

    async def is_known() -> bool:
        return await watched.deliver(SECRET, "refs/heads/other", "0" * 40) == 200

    await watched.until_async(is_known)
    second = upstream.commit({"app/a": "2"}, first)
    began = time.monotonic()
    assert await watched.deliver(SECRET, "refs/heads/main", second) == 200
    assert time.monotonic() - began < 0.5
    await watched.until_tip(second, 2)
    assert await watched.deliver("wrong", "refs/heads/main", first) == 401
    assert await watched.tip() == (second, 2)


async def test_a_server_that_shows_the_past_is_not_followed(upstream: Upstream, watched: Watched) -> None:
    first = upstream.commit({"app/a": "1"})
    second = upstream.commit({"app/a": "2"}, first)
    await watched.application()
    await watched.until_tip(second, 1)
    git("update-ref", "refs/heads/main", first, cwd=upstream.bare)
    await watched.until(lambda: bool(watched.events("LaggingMirror")))

    assert await watched.tip() == (second, 1)
    git("update-ref", "refs/heads/main", second, cwd=upstream.bare)
    third = upstream.commit({"app/a": "3"}, second)
    await watched.until_tip(third, 2)


async def test_a_rewritten_branch_is_followed_at_once_and_named(upstream: Upstream, watched: Watched) -> None:
    first = upstream.commit({"app/a": "1"})
    second = upstream.commit({"app/a": "2"}, first)
    await watched.application()
    await watched.until_tip(second, 1)
    aside = upstream.commit({"app/a": "3"}, first)
    await watched.until_tip(aside, 2)
    await watched.until(lambda: bool(watched.events("HistoryRewritten")))

    (event,) = watched.events("HistoryRewritten")
    assert (event.data["previousSha"], event.data["sha"]) == (second, aside)


async def test_a_lost_branch_is_named_and_keeps_its_place(upstream: Upstream, watched: Watched) -> None:
    first = upstream.commit({"app/a": "1"})
    await watched.application()
    await watched.until_tip(first, 1)
    git("update-ref", "-d", "refs/heads/main", cwd=upstream.bare)

    async def is_lost() -> bool:
        failure: dict[str, Any] = (await watched.state())["refs"]["main"].get("failure", {})
        return failure.get("reason") == Reason.REF_MISSING

    await watched.until_async(is_lost)
    assert await watched.tip() == (first, 1)
    await watched.until(lambda: len(watched.events("RefMissing")) == 1)


async def test_a_repository_that_is_away_is_named_and_others_go_on(
    upstream: Upstream, server: Server, watched: Watched
) -> None:
    other = Upstream(upstream.root, "other.git")
    here, there = upstream.commit({"app/a": "1"}), other.commit({"app/a": "1"})
    away = [True]

    def refuse(handler: Any) -> bool:
        if away[0] and "other.git" in handler.path:
            handler.reply(503)
            return True
        return False

    server.answer = refuse
    await watched.application(url=server.url("other.git"))
    await watched.application()
    await watched.until_tip(here, 1)

    async def is_failing() -> bool:
        failure: dict[str, Any] = (await watched.state(server.url("other.git"))).get("failure", {})
        return failure.get("reason") == Reason.REPOSITORY_UNREACHABLE

    await watched.until_async(is_failing)
    await watched.until(lambda: bool(watched.events("GitFailed")))
    failed = watched.events("GitFailed")  # of any repository: other tests may have left applications behind
    told = [event.data["reason"] for event in failed if event.data["repository"] == server.url("other.git")]
    assert len(set(told)) == len(told), "a failure that goes on is told once"
    away[0] = False

    async def is_mended() -> bool:
        state = await watched.state(server.url("other.git"))
        return "failure" not in state and state["refs"]["main"]["sha"] == there

    await watched.until_async(is_mended)


async def test_a_hundred_pushes_in_a_moment_are_few_questions(
    upstream: Upstream, server: Server, watched: Watched
) -> None:
    sha = upstream.commit({"app/a": "0"})
    await watched.application()
    await watched.until_tip(sha, 1)
    await watched.set_secret(SECRET)

    async def is_known() -> bool:
        return await watched.deliver(SECRET, "refs/heads/other", "0" * 40) == 200

    await watched.until_async(is_known)
    await asyncio.sleep(0)
    before = len([path for path, _ in server.requests if path.endswith("/info/refs")])
    tips = [f"{n:040x}" for n in range(100)]
    assert await asyncio.gather(*(watched.deliver(SECRET, "refs/heads/main", tip) for tip in tips)) == [200] * 100
    newest = upstream.commit({"app/a": "1"}, sha)
    await watched.deliver(SECRET, "refs/heads/main", newest)
    await watched.until_tip(newest, 2)

    assert len([path for path, _ in server.requests if path.endswith("/info/refs")]) - before < 30
