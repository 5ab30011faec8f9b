"""A repository, a server for it, and a runner."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from wavegate.git import GitRunner

sys.path.insert(0, str(Path(__file__).parent))
from smart_http import Server, Upstream, serving


@pytest.fixture
def upstream(tmp_path: Path) -> Upstream:
    return Upstream(tmp_path / "upstream")


@pytest.fixture
def server(upstream: Upstream) -> Iterator[Server]:
    with serving(upstream.root) as running:
        yield running


@pytest.fixture
def runner() -> Iterator[GitRunner]:
    running = GitRunner()
    yield running
    running.close()
