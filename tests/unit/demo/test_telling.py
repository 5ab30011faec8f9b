import asyncio
import json
from io import StringIO

import pytest
from rich.console import Console

from tests.unit.demo.evidence_of import SHA
from wavegate.demo.collecting import Collector
from wavegate.demo.story import commit_stages
from wavegate.demo.telling import NotObserved, Teller, now
from wavegate.runtime.event_reader import ReadEvent


def read(name: str, **data: object) -> ReadEvent:
    return ReadEvent(1, f"wavegate.repository.a.main.{name}", f"id-{name}", "", None, None, None, dict(data))


def teller() -> tuple[Collector, Teller, Console]:
    collector, console = Collector(), Console(file=StringIO(), record=True, width=120)
    return collector, Teller(collector, console), console


async def test_a_stage_is_told_when_it_is_seen() -> None:
    collector, telling, console = teller()
    watching = asyncio.create_task(telling.see([commit_stages.observed(SHA)], now(), SHA, within=5.0))
    await asyncio.sleep(0)
    collector.event(read("RevisionObserved", sha=SHA, seq=7, trigger="webhook"))

    await watching

    assert "aaaaaaa  observed           seq 7 by webhook" in console.export_text()


async def test_a_stage_that_is_not_seen_in_time_is_named() -> None:
    collector, telling, _ = teller()
    begun = now()
    collector.event(read("RevisionObserved", sha=SHA, seq=7, trigger="webhook"))

    with pytest.raises(NotObserved, match=f"MISSING rendered: wanted ManifestsRendered of {SHA[:7]}"):
        await telling.see([commit_stages.observed(SHA), commit_stages.rendered(SHA)], begun, SHA, within=0.0)


def test_only_writes_in_the_storys_namespace_are_kept() -> None:
    collector = Collector()
    line = {
        "stage": "ResponseComplete",
        "verb": "patch",
        "requestURI": "/api",
        "user": {"username": "somebody"},
        "responseStatus": {"code": 200},
        "stageTimestamp": "2026-05-04T12:00:00Z",
    }
    for namespace, name in (("fraud", "model"), ("argocd", "fraud-model"), ("", "fraud")):
        about = {"resource": "things", "namespace": namespace, "name": name}
        collector.audited(json.dumps({**line, "objectRef": about}, separators=(",", ":")))

    assert [entry.name for entry in collector.evidence.audit] == ["model", "fraud"]
