"""Asking real servers for refs: all refs in one question, and every misbehaviour ends as a named failure."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from smart_http import Server, Upstream, git

from wavegate.contracts.failures import RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.git import GitRunner, ls_remote, remote_refs
from wavegate.git.address import parse
from wavegate.git.hardening import Limits

CANARY = "CANARY-7f3a"


async def failure(runner: GitRunner, url: str) -> RetryLater:
    with pytest.raises(RetryLater) as failed:
        await ls_remote(runner, parse(url))
    return failed.value


async def test_branches_tags_and_head_come_with_one_question(
    upstream: Upstream, server: Server, runner: GitRunner
) -> None:
    first = upstream.commit({"a": "1"})
    second = upstream.commit({"a": "2"}, first, ref="refs/heads/feature/x")
    git("-c", "user.name=t", "tag", "-a", "v1", "-m", "v1", first, cwd=upstream.bare)
    remote = await ls_remote(runner, parse(server.url()))

    assert remote.head == "refs/heads/main"
    assert remote.refs == {
        "HEAD": first,
        "refs/heads/main": first,
        "refs/heads/feature/x": second,
        "refs/tags/v1": first,
    }


async def test_an_empty_repository_has_no_refs(upstream: Upstream, server: Server, runner: GitRunner) -> None:
    assert (await ls_remote(runner, parse(server.url()))).refs == {}


async def test_a_repository_that_is_not_there_is_unreachable(server: Server, runner: GitRunner) -> None:
    assert (await failure(runner, server.url("gone.git"))).reason is Reason.REPOSITORY_UNREACHABLE
    assert (await failure(runner, "http://127.0.0.1:9/x.git")).reason is Reason.REPOSITORY_UNREACHABLE


def replying(status: int, content: bytes = b"", **headers: str) -> Callable[[Any], bool]:
    def answer(handler: Any) -> bool:
        handler.reply(status, content, {name.replace("_", "-"): value for name, value in headers.items()})
        return True

    return answer


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, Reason.REPOSITORY_FORBIDDEN),
        (403, Reason.REPOSITORY_FORBIDDEN),
        (404, Reason.REPOSITORY_UNREACHABLE),
        (500, Reason.REPOSITORY_UNREACHABLE),
        (503, Reason.REPOSITORY_UNREACHABLE),
    ],
)
async def test_refusals_are_named_and_what_the_server_says_is_not_trusted(
    server: Server, runner: GitRunner, status: int, reason: Reason
) -> None:
    server.answer = replying(
        status, f"token={CANARY}".encode(), Content_Type="text/plain", WWW_Authenticate="Basic realm=x"
    )
    failed = await failure(runner, server.url())

    assert failed.reason is reason
    assert CANARY not in str(failed)


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 4096, b"0000", b"001e# service=git-upload-pack\n0000ffff", b"<html>"]
)
async def test_nonsense_is_a_failure_and_never_an_answer(server: Server, runner: GitRunner, content: bytes) -> None:
    server.answer = replying(200, content, Content_Type="application/x-git-upload-pack-advertisement")
    try:
        remote = await ls_remote(runner, parse(server.url()))
    except RetryLater:
        return
    assert remote.refs == {}


async def test_no_redirect_leads_to_another_transport(server: Server, runner: GitRunner) -> None:
    for target in ("file:///etc/", "ftp://127.0.0.1/x/", "ext::sh -c true"):
        server.answer = replying(302, Location=f"{target}info/refs?service=git-upload-pack")
        await failure(runner, server.url())


async def test_an_answer_without_end_is_cut_off(
    server: Server, runner: GitRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row S23: too much, and too slow."""

    def endless(handler: Any) -> bool:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/x-git-upload-pack-advertisement")
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        handler.wfile.write(b"001e# service=git-upload-pack\n0000")
        while True:
            handler.wfile.write(b"003d" + b"a" * 40 + b" refs/heads/" + b"x" * 4 + b"\n")
            time.sleep(0.05)

    server.answer = endless
    monkeypatch.setattr(remote_refs, "LIMITS", Limits(seconds=1.0))
    failed = await failure(runner, server.url())

    assert failed.reason is Reason.GIT_SERVER_FAULT
    assert "longer than 1 s" in failed.message


async def test_more_output_than_is_read_is_the_servers_fault(
    upstream: Upstream, server: Server, runner: GitRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream.commit({"a": "1"})
    monkeypatch.setattr(remote_refs, "LIMITS", Limits(output_bytes=50))
    failed = await failure(runner, server.url())

    assert failed.reason is Reason.GIT_SERVER_FAULT
    assert "more than 50 bytes" in failed.message


async def test_a_slow_server_does_not_keep_others_waiting(
    upstream: Upstream, server: Server, runner: GitRunner
) -> None:
    upstream.commit({"a": "1"})
    server.answer = lambda handler: bool(time.sleep(3)) if "slow" in handler.path else False
    began = time.monotonic()
    slow = asyncio.create_task(ls_remote(runner, parse(server.url("slow.git"))))
    await asyncio.sleep(0)
    await ls_remote(runner, parse(server.url()))
    assert time.monotonic() - began < 2.5
    with pytest.raises(RetryLater):
        await slow
