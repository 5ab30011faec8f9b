"""How the commands find what they ask."""

import json
from pathlib import Path
from typing import Any

import pytest

from wavegate.cli import reach as reaching
from wavegate.cli.reach import OutOfReach, Reach, bus, cluster, reach


@pytest.fixture(autouse=True)
def _nothing_runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "_running", lambda: None)


def described(folder: Path) -> Path:
    path = folder / "platform.json"
    said: dict[str, Any] = {"kubeconfig": "/k", "nats": {"url": "nats://h:1", "credentials": "/s"}}
    path.write_text(json.dumps(said))
    return path


def test_a_platforms_description_says_where_everything_is(tmp_path: Path) -> None:
    expected = Reach(Path("/k"), "nats://h:1", Path("/s"))
    assert reach(Reach(), described(tmp_path), {}) == expected
    assert reach(Reach(), None, {"WAVEGATE_PLATFORM": str(described(tmp_path))}) == expected


def test_what_was_said_on_the_command_line_comes_first(tmp_path: Path) -> None:
    given = Reach(Path("/mine"), "nats://mine:1")
    found = reach(given, described(tmp_path), {"KUBECONFIG": "/env"})
    assert (found.kubeconfig, found.nats_url, found.nats_seed) == (Path("/mine"), "nats://mine:1", Path("/s"))


def test_without_a_platform_the_kubeconfig_of_the_environment_counts() -> None:
    assert cluster(reach(Reach(), None, {"KUBECONFIG": "/a:/b"})) == Path("/a")


def test_what_is_missing_is_named_with_what_to_do() -> None:
    with pytest.raises(OutOfReach, match="wavegate up"):
        cluster(reach(Reach(), None, {}))
    with pytest.raises(OutOfReach, match="--nats URL"):
        bus(Reach())


def test_a_description_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "platform.json"
    path.write_text("{}")
    with pytest.raises(OutOfReach, match="cannot be read as a platform"):
        reach(Reach(), path, {})
