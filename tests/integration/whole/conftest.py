import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from team import Team, git

from wavegate.kube import KubeClient

_SERVE = """
import sys, uvicorn
from pathlib import Path
from wavegate.demo.standins.git_server import application
uvicorn.run(application(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
"""


@pytest.fixture(scope="session")
def git_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Bare repositories under a folder, over smart HTTP."""
    root = tmp_path_factory.mktemp("served")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-c", _SERVE, str(root), str(port)])
    try:
        _answers(f"http://127.0.0.1:{port}/")
        yield root, f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _answers(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=1).read()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{url} does not answer")


@pytest.fixture
async def team(
    platform: Any, git_server: tuple[Path, str], tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Team]:
    """A team of its own for each test: repository, working copy, namespace."""
    root, address = git_server
    node = request.node.name.lower()
    name = f"{re.sub('[^a-z0-9]+', '-', node)[:30].strip('-')}-{zlib.crc32(node.encode()):08x}"
    bare, copy = root / f"{name}.git", tmp_path / "copy"
    bare.mkdir()
    copy.mkdir()
    git(bare, "init", "--quiet", "--bare", "--initial-branch", "main")
    git(bare, "config", "http.receivepack", "true")
    git(copy, "init", "--quiet", "--initial-branch", "main")
    git(copy, "remote", "add", "origin", f"{address}/{name}.git")
    async with KubeClient.connect(platform.kubeconfig, field_manager="team") as kube:
        await kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        team = Team(platform, kube, copy, f"{address}/{name}.git", name)
        yield team
        await team.leave()
