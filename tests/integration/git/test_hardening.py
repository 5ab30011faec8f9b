"""What a Git process of ours sees, shown by a `git` that tells (rows S20 and S22 of the security table)."""

import json
import os
import shutil
from pathlib import Path

import pytest
from smart_http import Server, Upstream, git

from wavegate.contracts.failures import RetryLater
from wavegate.git import GitRunner, Mirrors, ls_remote
from wavegate.git.address import parse

SHIM = """#!/usr/bin/env python3
import json, os, sys
with open({log!r}, "a") as log:
    log.write(json.dumps([sys.argv[1:], dict(os.environ)]) + "\\n")
os.execv({real!r}, ["git", *sys.argv[1:]])
"""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The log of a shim that stands before the real git."""
    log, shim = tmp_path / "told.jsonl", tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text(SHIM.format(log=str(log), real=shutil.which("git")))
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{shim.parent}:{os.environ['PATH']}")
    return log


def calls(told: Path) -> list[tuple[list[str], dict[str, str]]]:
    return [tuple(json.loads(line)) for line in told.read_text().splitlines()]


async def test_what_users_give_stands_after_end_of_options_and_nothing_else_is_inherited(
    upstream: Upstream, server: Server, runner: GitRunner, tmp_path: Path, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_SSH_COMMAND", "evil")
    monkeypatch.setenv("SECRET_OF_OURS", "CANARY")
    sha = upstream.commit({"a": "1"})
    mirrors = Mirrors(tmp_path / "mirrors", runner)
    await ls_remote(runner, parse(server.url()))
    await (await mirrors.of(parse(server.url())).tree(sha, "main")).read("a", 10)
    await mirrors.of(parse(server.url())).ancestors(sha)
    mirrors.close()

    ours = [call for call in calls(told) if "-c" in call[0]]
    assert len(ours) >= 5
    for arguments, environment in ours:
        given = [n for n, one in enumerate(arguments) if server.url() in one or sha in one]
        assert not given or min(given) > arguments.index("--end-of-options")
        assert "CANARY" not in json.dumps([arguments, environment])
        assert "evil" not in environment["GIT_SSH_COMMAND"]
        assert environment["GIT_TERMINAL_PROMPT"] == "0"
        assert environment["HOME"] == "/nonexistent"
        assert "protocol.allow=never" in arguments


@pytest.mark.parametrize("name", ["post-checkout", "reference-transaction", "post-fetch", "pre-auto-gc"])
async def test_no_hook_runs(
    upstream: Upstream, server: Server, runner: GitRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    ran = tmp_path / "ran"
    template = tmp_path / "template" / "hooks"
    template.mkdir(parents=True)
    (template / name).write_text(f"#!/bin/sh\ntouch {ran}\n")
    (template / name).chmod(0o755)
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(template.parent))
    mirrors = Mirrors(tmp_path / "mirrors", runner)
    await mirrors.of(parse(server.url())).tree(upstream.commit({"a": "1"}), "main")
    mirrors.close()

    assert not ran.exists()


async def test_a_tree_with_a_git_folder_in_it_is_refused(
    upstream: Upstream, server: Server, runner: GitRunner, tmp_path: Path
) -> None:
    blob = git("hash-object", "-w", "--stdin", cwd=upstream.bare, stdin=b"[core]\n\tfsmonitor = touch /tmp/p\n")
    content = b"100644 config\0" + bytes.fromhex(blob)
    inner = git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", cwd=upstream.bare, stdin=content)
    outer_content = b"40000 .git\0" + bytes.fromhex(inner)
    outer = git("hash-object", "-t", "tree", "-w", "--stdin", "--literally", cwd=upstream.bare, stdin=outer_content)
    sha = upstream.commit_tree(outer)
    mirrors = Mirrors(tmp_path / "mirrors", runner)
    with pytest.raises(RetryLater, match="hasDotgit"):
        await mirrors.of(parse(server.url())).tree(sha, "main")
    mirrors.close()
