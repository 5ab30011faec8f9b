"""Mirrors: the exact commit, once, whatever happened to the folder."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from smart_http import Server, Upstream, git

from wavegate.contracts.failures import Rejected, RetryLater
from wavegate.contracts.reasons import Reason
from wavegate.git import GitRunner, Mirror, Mirrors, mirror
from wavegate.git.address import parse


@pytest.fixture
def mirrors(tmp_path: Path, runner: GitRunner) -> Iterator[Mirrors]:
    made = Mirrors(tmp_path / "mirrors", runner)
    yield made
    made.close()


@pytest.fixture
def ours(mirrors: Mirrors, server: Server) -> Mirror:
    return mirrors.of(parse(server.url()))


async def test_any_commit_that_the_server_has_is_read_by_its_id(upstream: Upstream, ours: Mirror) -> None:
    first = upstream.commit({"app/a.yaml": "one"})
    second = upstream.commit({"app/a.yaml": "two"}, first)

    assert await (await ours.tree(second, "main")).read("app/a.yaml", 99) == b"two"
    assert await (await ours.tree(first, "main")).read("app/a.yaml", 99) == b"one"


async def test_a_commit_is_fetched_once_however_many_want_it(upstream: Upstream, server: Server, ours: Mirror) -> None:
    sha = upstream.commit({"a": "1"})
    await asyncio.gather(*(ours.tree(sha, "main") for _ in range(50)))
    once = server.fetches
    await ours.tree(sha, "main")

    assert server.fetches == once


async def test_the_next_commit_brings_only_what_is_new(upstream: Upstream, ours: Mirror, tmp_path: Path) -> None:
    big = {f"f{n}": os.urandom(20_000) for n in range(20)}
    first = upstream.commit(big)
    await ours.tree(first, "main")
    second = upstream.commit({**big, "f0": b"small"}, first)
    await ours.tree(second, "main")
    folder = next((tmp_path / "mirrors").iterdir())
    sizes = sorted(path.stat().st_size for path in folder.glob("objects/??/*"))

    assert sum(sizes) < 1.2 * 20 * 20_000


async def test_a_commit_that_is_not_there_is_named(ours: Mirror, upstream: Upstream) -> None:
    upstream.commit({"a": "1"})
    with pytest.raises(RetryLater) as failed:
        await ours.tree("1" * 40, "main")
    assert failed.value.reason is Reason.REVISION_MISSING
    with pytest.raises(Rejected):
        await ours.tree("main")


async def test_servers_that_give_tips_only_are_asked_for_the_ref(
    upstream: Upstream, server: Server, ours: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "_FETCH", ("-c", "protocol.version=0", *mirror._FETCH))
    first = upstream.commit({"a": "1"})
    upstream.commit({"a": "2"}, first)

    assert await (await ours.tree(first, "main")).read("a", 9) == b"1"


async def test_a_damaged_mirror_is_made_anew(
    upstream: Upstream, ours: Mirror, mirrors: Mirrors, tmp_path: Path
) -> None:
    first = upstream.commit({"a": "1"})
    await ours.tree(first, "main")
    folder = next((tmp_path / "mirrors").iterdir())
    ours.close()
    for path in folder.glob("objects/??/*"):
        path.chmod(0o644)
        path.write_bytes(b"broken")
    second = upstream.commit({"a": "2"}, first)
    for _ in range(3):
        try:
            tree = await ours.tree(second, "main")
            break
        except RetryLater:
            continue

    assert await tree.read("a", 9) == b"2"


async def test_locks_that_a_killed_fetch_left_do_not_stop_the_next(
    upstream: Upstream, server: Server, runner: GitRunner, tmp_path: Path
) -> None:
    first = upstream.commit({"a": "1"})
    before = Mirrors(tmp_path / "mirrors", runner)
    await before.of(parse(server.url())).tree(first, "main")
    before.close()
    folder = next((tmp_path / "mirrors").iterdir())
    for name in ("shallow.lock", "packed-refs.lock", "objects/pack/tmp_pack_x"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    second = upstream.commit({"a": "2"}, first)
    after = Mirrors(tmp_path / "mirrors", runner)
    assert await (await after.of(parse(server.url())).tree(second, "main")).read("a", 9) == b"2"
    after.close()
    assert not (folder / "shallow.lock").exists()


async def test_ancestors_come_without_files(upstream: Upstream, ours: Mirror, tmp_path: Path) -> None:
    shas = [upstream.commit({"big": os.urandom(100_000)})]
    for n in range(3):
        shas.append(upstream.commit({"big": os.urandom(100_000), "n": str(n)}, shas[-1]))

    assert await ours.ancestors(shas[-1]) == frozenset(shas)
    assert await ours.ancestors(shas[1]) == frozenset(shas[:2])
    folder = next((tmp_path / "mirrors").iterdir())
    assert sum(path.stat().st_size for path in folder.rglob("objects/*/*")) < 20_000


async def test_histories_do_not_pile_up(
    upstream: Upstream, ours: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "FETCHES_BETWEEN_CLEANING", 3)
    shas = [upstream.commit({"a": "0"})]
    for n in range(1, 9):
        shas.append(upstream.commit({"a": str(n)}, shas[-1]))
        assert await ours.ancestors(shas[-1]) == frozenset(shas)

    folder = next((tmp_path / "mirrors").iterdir())
    assert len([*folder.glob("objects/pack/*.pack"), *folder.glob("objects/??/*")]) < 8


async def test_old_commits_are_cleaned_away_and_come_back_when_asked_for(
    upstream: Upstream, ours: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "FETCHES_BETWEEN_CLEANING", 2)
    shas = [upstream.commit({"a": "0"})]
    for n in range(1, 5):
        shas.append(upstream.commit({"a": str(n)}, shas[-1]))
        await ours.tree(shas[-1], "main")
    for n, sha in enumerate(shas):
        assert await (await ours.tree(sha, "main")).read("a", 9) == str(n).encode()
    assert git("rev-parse", "main", cwd=upstream.bare) == shas[-1]
