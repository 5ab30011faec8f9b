"""Reading a commit's files: links stay inside, sizes are bounded, equal content has equal ids (row S02)."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from smart_http import Server, Upstream, git

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.git import EntryKind, GitRunner, Mirrors, Tree
from wavegate.git.address import parse

FILES = {"app/a.yaml": "A", "app/sub/b.yaml": "B", "shared/x.yaml": "X", "big": "y" * 5000, "größe/ä": "u"}
LINKS = {
    "app/link.yaml": "../shared/x.yaml",
    "app/again": "link.yaml",
    "app/folder": "../shared",
    "app/dangling": "nowhere/at/all",
    "app/out": "../../etc/passwd",
    "app/absolute": "/etc/passwd",
    "app/dotgit": "../.git/config",
    "loop1": "loop2",
    "loop2": "loop1",
    **{f"chain{n}": f"chain{n + 1}" for n in range(45)},
    "chain45": "app/a.yaml",
}


@pytest_asyncio.fixture
async def tree(upstream: Upstream, server: Server, runner: GitRunner, tmp_path: Path) -> AsyncIterator[Tree]:
    mirrors = Mirrors(tmp_path / "mirrors", runner)
    yield await mirrors.of(parse(server.url())).tree(upstream.commit(FILES, links=LINKS), "main")
    mirrors.close()


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("app/a.yaml", b"A"),
        ("app/./sub//b.yaml", b"B"),
        ("app/link.yaml", b"X"),
        ("app/again", b"X"),
        ("app/folder/x.yaml", b"X"),
        ("größe/ä", b"u"),
        ("app", None),
        ("gone", None),
        ("app/a.yaml/under-a-file", None),
        ("app/dangling", None),
        ("app/dotgit", None),
    ],
)
async def test_files_are_read_through_links_inside_the_tree(tree: Tree, path: str, content: bytes | None) -> None:
    assert await tree.read(path, 1000) == content


@pytest.mark.parametrize(
    "path", ["app/out", "app/absolute", "loop1", "chain0", "../x", "/etc/passwd", "a/../../x", "a\0b"]
)
async def test_what_leads_outside_is_refused_by_name(tree: Tree, path: str) -> None:
    with pytest.raises(Rejected) as refused:
        await tree.read(path, 1000)
    assert refused.value.reason is Reason.PATH_OUTSIDE_REPOSITORY


async def test_a_chain_of_links_that_is_short_enough_is_followed(tree: Tree) -> None:
    assert await tree.read("chain10", 10) == b"A"


async def test_entries_show_what_they_are(tree: Tree) -> None:
    entries = {entry.name: entry.kind for entry in await tree.entries("app") or ()}

    assert entries["a.yaml"] is EntryKind.FILE
    assert entries["sub"] is EntryKind.FOLDER
    assert entries["link.yaml"] is EntryKind.LINK
    assert await tree.entries("app/a.yaml") is None
    assert await tree.entries("gone") is None
    assert [entry.name for entry in await tree.entries("app/folder") or ()] == ["x.yaml"]


async def test_a_file_larger_than_wanted_is_refused_and_reading_goes_on(tree: Tree) -> None:
    with pytest.raises(Rejected) as refused:
        await tree.read("big", 4999)
    assert refused.value.reason is Reason.MANIFEST_TOO_LARGE
    assert await tree.read("big", 5000) == b"y" * 5000
    assert await tree.read("app/a.yaml", 10) == b"A"


async def test_a_look_tells_the_real_path_and_the_links_on_the_way(tree: Tree) -> None:
    found = await tree.look("app/again")

    assert (found.path, found.links) == ("shared/x.yaml", ("app/again", "app/link.yaml"))
    assert found.entry is not None
    plain = await tree.entry("shared/x.yaml")
    assert plain is not None
    assert found.entry.oid == plain.oid


async def test_a_submodule_is_refused_by_name(
    upstream: Upstream, server: Server, runner: GitRunner, tmp_path: Path
) -> None:
    tree_id = git("mktree", "--missing", cwd=upstream.bare, stdin=f"160000 commit {'1' * 40}\tmodule\n".encode())
    mirrors = Mirrors(tmp_path / "others", runner)
    tree = await mirrors.of(parse(server.url())).tree(upstream.commit_tree(tree_id, ref="refs/heads/s"), "s")
    assert [entry.kind for entry in await tree.entries("") or ()] == [EntryKind.SUBMODULE]
    with pytest.raises(Rejected) as refused:
        await tree.read("module/a.yaml", 10)
    assert refused.value.reason is Reason.SOURCE_TYPE_UNSUPPORTED
    mirrors.close()


async def test_a_reading_process_that_was_killed_is_replaced(tree: Tree) -> None:
    assert await tree.read("app/a.yaml", 10) == b"A"
    os.kill(tree._reader._git.cat_file_all.pid, signal.SIGKILL)

    assert await tree.read("app/sub/b.yaml", 10) == b"B"
