"""The team's repository: a bare one that is served, a working copy that people commit in and push from."""

import asyncio
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wavegate.demo import content

NAME = "ml/platform.git"
BRANCH = "main"

_IMAGE = re.compile(r"(model-server):v\d+")
_NAMED = re.compile(r"(kind: (?:Service|VirtualService)\nmetadata:\n  name: [\w-]+\n)")
_TIMEOUT = 30.0


class GitFailed(Exception):
    """Git refused; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A commit that reached the server. Paths are relative to the repository."""

    sha: str
    before: str
    subject: str
    added: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class Repository:
    """Commits and pushes, as a person at a keyboard does."""

    def __init__(self, served: Path, copy: Path, url: str) -> None:
        self.url = url
        self._served = served
        self._copy = copy

    @classmethod
    async def created(cls, root: Path, copy: Path, url: str) -> "Repository":
        """Make the bare repository under `root`, and a working copy of it with the team's files, not yet committed."""
        served = root / NAME
        _make(served, copy)
        await _git(served, "init", "--quiet", "--bare", "--initial-branch", BRANCH)
        # A push over HTTP without a user is allowed here only because nobody else reaches the loopback address.
        await _git(served, "config", "http.receivepack", "true")
        await _git(copy, "init", "--quiet", "--initial-branch", BRANCH)
        await _git(copy, "remote", "add", "origin", url)
        content.copy_repository(copy, url)
        return cls(served, copy, url)

    def path(self, file: Path) -> Path:
        """Return where a file of the repository lies in the working copy."""
        return self._copy / file

    def set_image(self, tag: str) -> None:
        """Write an image tag into the Rollout."""
        self._edit(content.MODEL / "40-rollout.yaml", lambda text: _IMAGE.sub(rf"\1:{tag}", text))

    def set_threshold(self, value: str) -> None:
        """Write another threshold into the model's configuration."""
        changed = rf'THRESHOLD: "{value}"'
        self._edit(content.MODEL / "10-configuration.yaml", lambda text: re.sub(r'THRESHOLD: "[\d.]+"', changed, text))

    def label_routing(self, label: str) -> None:
        """Put a label on the Services and the VirtualService, the objects that a canary moves."""
        for name in ("30-services.yaml", "30-virtual-service.yaml"):
            self._edit(content.MODEL / name, lambda text: _NAMED.sub(rf"\1  labels:\n    {label}\n", text))

    def remove(self, file: Path) -> None:
        """Delete a file."""
        self.path(file).unlink()

    def _edit(self, file: Path, change: Callable[[str], str]) -> None:
        before = self.path(file).read_text()
        after = change(before)
        if after == before:
            raise ValueError(f"{file} stays as it is")
        self.path(file).write_text(after)

    async def push(self, subject: str) -> Pushed:
        """Commit everything and push it."""
        await _git(self._copy, "add", "--all")
        await _git(self._copy, "commit", "--quiet", "--message", subject)
        return await self._push(subject)

    async def revert(self) -> Pushed:
        """Push a commit that takes the last one back."""
        await _git(self._copy, "revert", "--no-edit", "HEAD")
        return await self._push(await _git(self._copy, "log", "-1", "--format=%s"))

    async def _push(self, subject: str) -> Pushed:
        before = await self._tip()
        await _git(self._copy, "push", "--quiet", "origin", f"HEAD:{BRANCH}")
        sha = await _git(self._copy, "rev-parse", "HEAD")
        changed = await _git(self._copy, "diff-tree", "--root", "-r", "--no-commit-id", "--name-status", "HEAD")
        return Pushed(sha, before, subject, *(_paths(changed, status) for status in "AMD"))

    async def _tip(self) -> str:
        listed = await _git(self._served, "for-each-ref", "--format=%(objectname)", f"refs/heads/{BRANCH}")
        return listed or "0" * 40


def _make(*folders: Path) -> None:
    for folder in folders:
        folder.mkdir(parents=True)


def _paths(changed: str, status: str) -> tuple[str, ...]:
    return tuple(line.split("\t", 1)[1] for line in changed.splitlines() if line.startswith(status))


async def _git(folder: Path, *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        "git",
        *arguments,
        cwd=folder,
        env=_ENVIRONMENT | {"PATH": os.environ.get("PATH", os.defpath)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), _TIMEOUT)
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise GitFailed(f"git {_shown(arguments)}: {errors.decode(errors='replace')[-2000:]}")
    return output.decode().strip()


def _shown(arguments: Sequence[str]) -> str:
    return " ".join(arguments[:2])


# Nothing of the user's own configuration: no hooks, no signing, no prompts.
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}
