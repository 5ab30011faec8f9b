"""Bare mirrors: one folder for each repository, a cache that may be lost at any time.

A mirror holds what was fetched, under `refs/kept/`, so that the next fetch brings only what is new. One fetch at a time
runs in a mirror; whoever wants the same commit meanwhile waits for the same fetch.
"""

import asyncio
import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from wavegate.contracts.failures import Failure, RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.git.address import RepositoryAddress, checked_sha, is_ref, is_sha
from wavegate.git.hardening import Limits
from wavegate.git.objects import ObjectMissing, ObjectReader
from wavegate.git.runner import Completed, GitExceeded, GitRunner
from wavegate.git.tree import Tree
from wavegate.git.verdicts import verdict

FETCH_LIMITS = Limits(seconds=120.0, output_bytes=1 << 20)
LOCAL_LIMITS = Limits(seconds=60.0)
FETCHES_BETWEEN_CLEANING = 200
HISTORY_DEPTH = 500
TIPS_DEPTH = 50

_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")
_DAMAGE = (
    "not a git repository",
    "corrupt",
    "bad object",
    "loose object",
    "unresolved delta",
    "bad tree object",
    "packfile",
)


class Mirror:
    """The mirror of one repository."""

    def __init__(self, folder: Path, address: RepositoryAddress, runner: GitRunner) -> None:
        self.address = address
        self._folder = folder
        self._runner = runner
        self._reader = ObjectReader(folder, runner)
        self._turn = asyncio.Lock()
        self._fetching: dict[str, asyncio.Task[None]] = {}
        self._fetches = 0
        self._opened = False

    async def tree(self, sha: str, ref: str = "") -> Tree:
        """Return the files of a commit, fetched if they are not here yet. `ref` helps servers that serve tips only.

        Raises:
            Rejected: INVALID_SPEC for what is no full commit id.
            RetryLater: REVISION_MISSING, REPOSITORY_UNREACHABLE, REPOSITORY_FORBIDDEN, GIT_SERVER_FAULT.
        """
        checked_sha(sha)
        if (root := await self._root(sha)) is None:
            await self._once(sha, ref)
            root = await self._root(sha)
        if root is None:
            raise RetryLater(Reason.REVISION_MISSING, f"the repository does not give commit {sha}", 2.0)
        return Tree(self._reader, root)

    async def ancestors(self, sha: str) -> frozenset[str]:
        """Return a commit's ancestors, itself among them, the nearest `HISTORY_DEPTH` of them. Fetches commits alone.

        Raises:
            As `tree` does.
        """
        checked_sha(sha)
        async with self._turn:
            await self._open()
            await self._fetch(("--filter=tree:0", f"--depth={HISTORY_DEPTH}"), [f"+{sha}:refs/kept/{sha[:2]}"])
            arguments = ("rev-list", f"--max-count={HISTORY_DEPTH}", "--end-of-options", sha)
            found = (await self._local(arguments)).out.decode("ascii", "replace").split()
            await self._clean()
        return frozenset(found)

    async def _root(self, sha: str) -> str | None:
        if not self._opened:
            async with self._turn:
                await self._open()
        try:
            return await self._reader.root(sha)
        except ObjectMissing:
            return None

    async def _once(self, sha: str, ref: str) -> None:
        """Fetch a commit; callers that want the same one share the fetch."""
        task = self._fetching.get(sha)
        if task is None:
            task = self._fetching[sha] = asyncio.create_task(self._fetch_tree(sha, ref))
            task.add_done_callback(lambda _: self._fetching.pop(sha, None))
        await asyncio.shield(task)

    async def _fetch_tree(self, sha: str, ref: str) -> None:
        kept = f"refs/kept/{hashlib.sha256((ref or sha).encode()).hexdigest()[:16]}"
        async with self._turn:
            if await self._root_here(sha):
                return
            if not await self._fetched(("--depth=1",), f"+{sha}:{kept}"):
                for candidate in _candidates(ref):
                    await self._fetched((f"--depth={TIPS_DEPTH}",), f"+{candidate}:{kept}")
            await self._clean()

    async def _fetched(self, how: Sequence[str], refspec: str) -> bool:
        """Fetch; False where the server does not have, or does not give, what was asked for."""
        try:
            await self._fetch(how, [refspec])
        except Failure as failure:
            if failure.reason is not Reason.REVISION_MISSING:
                raise
            return False
        return True

    async def _root_here(self, sha: str) -> bool:
        try:
            await self._reader.root(sha)
        except ObjectMissing:
            return False
        return True

    async def _fetch(self, how: Sequence[str], refspecs: Sequence[str]) -> None:
        arguments = (*_FETCH, *how, "--end-of-options", self.address.url, *refspecs)
        try:
            completed = await self._runner.run(
                arguments, folder=self._folder, scheme=self.address.scheme, limits=FETCH_LIMITS
            )
        except GitExceeded as error:
            await self._runner.in_thread(_remove_locks, self._folder)
            raise RetryLater(Reason.GIT_SERVER_FAULT, str(error), 30.0) from error
        self._fetches += 1
        if completed.status != 0:
            await self._give_up(completed)

    async def _give_up(self, completed: Completed) -> None:
        """Turn a failed fetch into its verdict; a damaged mirror is thrown away, the next look makes a new one."""
        failure = verdict(completed.said, completed.status)
        if failure.reason is Reason.GIT_SERVER_FAULT and any(sign in completed.said for sign in _DAMAGE):
            await self.discard()
        raise failure

    async def discard(self) -> None:
        """Throw the mirror away."""
        self._reader.close()
        self._opened = False
        await self._runner.in_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _open(self) -> None:
        """Make the folder on first use; a fetch that was killed may have left its locks."""
        if self._opened:
            return
        if not (self._folder / "HEAD").is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            await self._local(("init", "--quiet", "--bare", "--template="))
        await self._runner.in_thread(_remove_locks, self._folder)
        self._opened = True

    async def _local(self, arguments: Sequence[str]) -> Completed:
        try:
            completed = await self._runner.run(arguments, folder=self._folder, limits=LOCAL_LIMITS)
        except GitExceeded as error:
            raise RetryLater(Reason.GIT_SERVER_FAULT, str(error), 30.0) from error
        if completed.status != 0:
            await self._give_up(completed)
        return completed

    async def _clean(self) -> None:
        """Now and then pack what is kept and drop what is not; readers of older commits have had an hour."""
        if self._fetches >= FETCHES_BETWEEN_CLEANING:
            self._fetches = 0
            await self._local(("gc", "--quiet", "--prune=1.hour.ago"))

    def close(self) -> None:
        """End the reading process."""
        self._reader.close()


class Mirrors:
    """The mirrors of a service, one folder each under `root`."""

    def __init__(self, root: Path, runner: GitRunner) -> None:
        self._root = root
        self._runner = runner
        self._mirrors: dict[str, Mirror] = {}

    def of(self, address: RepositoryAddress) -> Mirror:
        """Return the mirror of a repository. Spellings that mean one repository share it; the newest spelling is asked."""
        mirror = self._mirrors.get(address.id)
        if mirror is None:
            mirror = self._mirrors[address.id] = Mirror(self._root / f"{address.id}.git", address, self._runner)
        mirror.address = address
        return mirror

    def close(self) -> None:
        """End every reading process."""
        for mirror in self._mirrors.values():
            mirror.close()


def _candidates(ref: str) -> list[str]:
    """Return the full names that a ref may have, for servers that give tips of refs only."""
    if not ref or is_sha(ref) or not is_ref(ref):
        return []
    return [ref] if ref == "HEAD" or ref.startswith("refs/") else [f"refs/heads/{ref}", f"refs/tags/{ref}"]


def _remove_locks(folder: Path) -> None:
    for lock in folder.rglob("*.lock"):
        lock.unlink(missing_ok=True)
    for left_over in folder.glob("objects/pack/tmp_*"):
        left_over.unlink(missing_ok=True)
