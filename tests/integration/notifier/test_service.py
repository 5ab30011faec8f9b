"""The notifier as a process: real API server, real bus, real Go worker, receivers over HTTP."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from wavegate.contracts import access
from wavegate.contracts.application import SyncSucceeded
from wavegate.contracts.events import Emitted
from wavegate.contracts.identity import trace_id, traceparent
from wavegate.contracts.references import Commit, ObjectRef
from wavegate.kube import NotFound
from wavegate.runtime import bus, event_reader, outbox
from wavegate.runtime.clock import SystemClock

sys.path.insert(0, str(Path(__file__).parent))
from conftest import NAMESPACE, REVISION, Cluster
from receivers import Answer, Asked, FakePagerDuty, FakeSlack, serving

pytestmark = pytest.mark.integration

PHASE = "app.status.operationState != nil and app.status.operationState.phase in ['{}']"
REVISION_ONCE = "app.status.operationState?.syncResult?.revision"
SYNCED = f"- when: {PHASE.format('Succeeded')}\n  oncePer: {REVISION_ONCE}\n  send: [synced]\n"
FAILED = f"- when: {PHASE.format('Failed')}\n  oncePer: {REVISION_ONCE}\n  send: [failed]\n"
TEMPLATES = {
    "template.synced": "message: '{{.app.metadata.name}} runs {{.app.status.sync.revision | trunc 7}}'\n",
    "template.failed": (
        "message: '{{.app.metadata.name}}: {{.app.status.operationState.message}}'\n"
        "pagerdutyv2: {summary: '{{.app.metadata.name}} failed', severity: critical, source: wavegate}\n"
    ),
}


def configuration(slack: str, pagerduty: str = "http://127.0.0.1:1") -> dict[str, str]:
    return TEMPLATES | {
        "service.slack": f"token: $slack-token\napiURL: {slack}/api/\n",
        "service.pagerdutyv2": f"serviceKeys: {{ops: $pagerduty-key}}\napiURL: {pagerduty}\n",
        "trigger.on-sync-succeeded": SYNCED,
        "trigger.on-sync-failed": FAILED,
    }


SECRET = {"slack-token": "xoxb-1", "pagerduty-key": "key-1"}


class Notifier:
    """The process, started and killed at will."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "wavegate.notifier", env=self._environment, stdout=asyncio.subprocess.DEVNULL
        )

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)

    async def stop(self) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.terminate()
        async with asyncio.timeout(5):
            return await self.process.wait()


@pytest.fixture
async def notifier(cluster: Cluster, streams: Any, tmp_path: Path) -> AsyncIterator[Notifier]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_CACHE_HOME") if name in os.environ}
    process = Notifier(
        kept
        | {
            "WAVEGATE_NATS_URL": streams.nats_url,
            "WAVEGATE_NATS_NKEY_FILE": str(streams.seeds["notifier"]),
            "WAVEGATE_KUBECONFIG": str(cluster.notifier_kubeconfig),
            "WAVEGATE_STATE_DIR": str(tmp_path),
            "WAVEGATE_ALLOW_LOOPBACK_EGRESS": "true",
            "WAVEGATE_LOG_LEVEL": "warning",
        }
    )
    await process.start()
    yield process
    await process.stop()


@asynccontextmanager
async def as_syncer(streams: Any) -> AsyncIterator[Callable[[str], Awaitable[str]]]:
    """Publish what the syncer says of an Application; returns the event's id."""
    broker = bus.broker("syncer", streams.nats_url, Path(streams.seeds["syncer"]), None)
    connection = bus.Bus("syncer", broker, SystemClock())
    await connection.start()

    async def say(name: str) -> str:
        commit = Commit(repository="https://git.example.com/x.git", ref="main", seq=1, sha=REVISION)
        message = SyncSucceeded(object=ObjectRef(namespace=NAMESPACE, name=name), commits=(commit,), intent=1)
        trace = traceparent(trace_id(commit.repository, commit.ref, commit.seq), name)
        entry = outbox.entry(Emitted(message, name, traceparent=trace), SystemClock().now())
        await connection.publish([entry])
        return entry.id

    try:
        yield say
    finally:
        await connection.stop()


async def until(condition: Callable[[], Awaitable[bool] | bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while True:
            held = condition()
            if held if isinstance(held, bool) else await held:
                return
            await asyncio.sleep(0.05)


async def status_of(cluster: Cluster, name: str) -> list[str]:
    try:
        return [entry["status"] for entry in (await cluster.ledger(name)).get("entries", ())]
    except (NotFound, KeyError):
        return []


async def test_a_sync_is_told_with_its_cause_and_trace(cluster: Cluster, streams: Any, notifier: Notifier) -> None:
    slack = FakeSlack()
    async with serving(slack) as address, as_syncer(streams) as say:
        await cluster.configure(configuration(address), SECRET)
        first = await cluster.application("on-sync-succeeded.slack=ml-releases")
        await cluster.report(first, "Succeeded")
        await until(lambda: _delivered(cluster, first))
        name = await cluster.application("on-sync-succeeded.slack=ml-releases")
        await cluster.report(name, "Succeeded")
        cause = await say(name)
        await until(lambda: _delivered(cluster, name))
    assert [message["text"] for message in slack.messages] == [f"{first} runs aaaaaaa", f"{name} runs aaaaaaa"]
    async with event_reader.opened(streams.nats_url, Path(streams.seeds[access.OBSERVER])) as reader:
        events = [event async for event in reader.read(event_reader.about(name))]
    said = {event.name: event for event in events}
    assert said["NotificationDelivered"].data["text"] == f"{name} runs aaaaaaa"
    assert said["NotificationDelivered"].cause == said["NotificationIntended"].cause == cause
    trace = trace_id("https://git.example.com/x.git", "main", 1)
    assert trace in (said["NotificationDelivered"].traceparent or "")
    assert "xoxb-1" not in str(await cluster.ledger(name)) + str(events)


async def _delivered(cluster: Cluster, name: str, count: int = 1) -> bool:
    return await status_of(cluster, name) == ["delivered"] * count


async def test_a_state_that_no_message_spoke_of_is_told_too(cluster: Cluster, notifier: Notifier) -> None:
    slack, pagerduty = FakeSlack(), FakePagerDuty()
    async with serving(slack) as first, serving(pagerduty) as second:
        await cluster.configure(configuration(first, second), SECRET)
        name = await cluster.application("on-sync-failed.slack=ml-releases", "on-sync-failed.pagerdutyv2=ops")
        await cluster.report(name, "Failed", message="error <!channel> 0.91 < 0.99")
        await until(lambda: _delivered(cluster, name, 2))
    assert slack.messages[0]["text"] == f"{name}: error &lt;!channel> 0.91 &lt; 0.99"
    ((alert,),) = pagerduty.alerts.values()
    assert alert["payload"]["summary"] == f"{name} failed"


@pytest.mark.shows(
    "Messages survive a crash without being said twice",
    "works",
    "Slack needs `channels:history` for it; else a repeated message says `(resend)`",
)
async def test_a_notifier_killed_after_slack_accepted_does_not_say_it_twice(
    cluster: Cluster, streams: Any, notifier: Notifier
) -> None:
    slack = FakeSlack()
    killed = asyncio.Event()

    def dying(asked: Asked) -> Answer:
        answer = slack(asked)
        if asked.path.endswith("chat.postMessage") and not killed.is_set():
            notifier.kill()
            killed.set()
            return Answer(cut=True)
        return answer

    async with serving(dying) as address, as_syncer(streams) as say:
        await cluster.configure(configuration(address), SECRET)
        name = await cluster.application("on-sync-succeeded.slack=ml-releases")
        await cluster.report(name, "Succeeded")
        await say(name)
        await asyncio.wait_for(killed.wait(), 20)
        assert await status_of(cluster, name) == ["sending"]
        await notifier.stop()
        await notifier.start()
        await until(lambda: _delivered(cluster, name))
    assert [message["text"] for message in slack.messages] == [f"{name} runs aaaaaaa"]
    assert "conversations.history" in slack.asked


async def test_a_mended_configuration_is_used_without_a_restart(
    cluster: Cluster, streams: Any, notifier: Notifier
) -> None:
    slack = FakeSlack()
    async with serving(slack) as address, as_syncer(streams) as say:
        broken = configuration(address) | {"template.synced": "message: '{{.app.metadata.name | nope}}'\n"}
        await cluster.configure(broken, SECRET)
        name = await cluster.application("on-sync-succeeded.slack=ml-releases", "on-nothing.slack=ml-releases")
        await cluster.report(name, "Succeeded")
        await say(name)
        await until(lambda: _failed(cluster, name))
        (entry,) = (await cluster.ledger(name))["entries"]
        assert (entry["reason"], "nope" in entry["detail"]) == ("TemplateFailed", True)
        assert [one["reason"] for one in (await cluster.ledger(name))["problems"]] == ["TriggerMissing"]
        await cluster.configure(configuration(address), SECRET)
        await until(lambda: _delivered(cluster, name))
        await cluster.configure(configuration(address) | {"trigger.on-x": "{"}, SECRET)
        await until(lambda: _misconfigured(cluster, name))
    assert [message["text"] for message in slack.messages] == [f"{name} runs aaaaaaa"]


async def _failed(cluster: Cluster, name: str) -> bool:
    return await status_of(cluster, name) == ["failed"]


async def _misconfigured(cluster: Cluster, name: str) -> bool:
    return "InvalidConfiguration" in {one["reason"] for one in (await cluster.ledger(name))["problems"]}


async def test_it_stops_when_told(notifier: Notifier, cluster: Cluster) -> None:
    slack = FakeSlack()
    async with serving(slack) as address:
        await cluster.configure(configuration(address), SECRET)
        name = await cluster.application("on-sync-succeeded.slack=ml-releases")
        await cluster.report(name, "Succeeded")
        await until(lambda: _delivered(cluster, name))
    assert await notifier.stop() == 0
