"""The stand-ins over real HTTP and real Git, without the platform."""

import asyncio
import json
import urllib.request
from pathlib import Path

from wavegate.demo import content
from wavegate.demo.repository import NAME, Repository
from wavegate.demo.standins import git_server, model_traffic, receivers
from wavegate.demo.standins.background import running
from wavegate.demo.standins.model_server import Destination, ModelServer
from wavegate.demo.standins.servers import serving
from wavegate.demo.story.evidence import Received


async def fetched(url: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
    def fetch() -> tuple[int, str]:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=5) as answer:
            return answer.status, answer.read().decode()

    return await asyncio.to_thread(fetch)


async def test_commits_are_pushed_over_http_and_can_be_taken_back(tmp_path: Path) -> None:
    async with serving(git_server.application(tmp_path / "git")) as port:
        repository = await Repository.created(tmp_path / "git", tmp_path / "copy", f"http://127.0.0.1:{port}/{NAME}")
        first = await repository.push("first")
        repository.set_image("v2")
        repository.set_threshold("0.85")
        repository.label_routing("team: fraud-detection")
        second = await repository.push("second")
        repository.remove(content.MODEL / "10-experiment-flags.yaml")
        third = await repository.push("third")
        revert = await repository.revert()

    assert first.before == "0" * 40
    assert "models/fraud/40-rollout.yaml" in first.added
    assert (second.before, set(second.modified)) == (
        first.sha,
        {
            f"models/fraud/{name}.yaml"
            for name in ("10-configuration", "30-services", "30-virtual-service", "40-rollout")
        },
    )
    assert third.removed == ("models/fraud/10-experiment-flags.yaml",)
    assert (revert.before, revert.added) == (third.sha, third.removed)


async def test_labels_reach_every_object_that_a_canary_moves(tmp_path: Path) -> None:
    async with serving(git_server.application(tmp_path / "git")) as port:
        repository = await Repository.created(tmp_path / "git", tmp_path / "copy", f"http://127.0.0.1:{port}/{NAME}")
        repository.label_routing("team: fraud-detection")

    files = [tmp_path / "copy" / content.MODEL / name for name in ("30-services.yaml", "30-virtual-service.yaml")]
    labels = [found["metadata"]["labels"] for file in files for found in content.documents(file)]
    assert labels == [{"team": "fraud-detection"}] * 3


async def test_receivers_record_what_they_got_and_never_a_credential(tmp_path: Path) -> None:
    heard: list[Received] = []
    record = receivers.Record("slack", tmp_path / "slack.jsonl", heard.append)
    workspace = receivers.SlackWorkspace("xoxb-secret", ("ml",))
    async with serving(receivers.application(workspace, record)) as port:
        url = f"http://127.0.0.1:{port}/api/chat.postMessage"
        message = b"channel=ml&text=out"
        accepted = await fetched(url, message, Authorization="Bearer xoxb-secret")
        refused = await fetched(url, message, Authorization="Bearer xoxb-guess")

    kept = (tmp_path / "slack.jsonl").read_text()
    assert (accepted[0], json.loads(accepted[1])["ok"]) == (200, True)
    assert (refused[0], json.loads(refused[1])) == (200, {"ok": False, "error": "invalid_auth"})
    assert [each.accepted is not None for each in heard] == [True, False]
    assert len(kept.splitlines()) == 2
    assert "xoxb" not in kept


async def test_the_model_answers_and_counts(tmp_path: Path) -> None:
    server = ModelServer()
    server.route((Destination("model-server-stable", "abc", "v1", 100),))
    async with serving(model_traffic.application(server)) as port, running(model_traffic.offer_load(server)):
        status, answer = await fetched(f"http://127.0.0.1:{port}/predict", b"{}")
        _, metrics = await fetched(f"http://127.0.0.1:{port}/metrics")

    assert (status, json.loads(answer)["model"]) == (200, "v1")
    assert 'service="model-server-stable",revision="abc",tag="v1",code="200"' in metrics
