import json
from datetime import UTC, datetime, timedelta
from typing import Any

from wavegate.demo.story.audit import HASH_KEY, co_managed_writes, parsed
from wavegate.demo.story.evidence import AuditEntry

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SYNCER, ANALYZER = "wavegate:syncer", "wavegate:rollout-analyzer"


def routes(canary: int, version: int = 1) -> dict[str, Any]:
    route = [
        {"destination": {"host": "stable"}, "weight": 100 - canary},
        {"destination": {"host": "canary"}, "weight": canary},
    ]
    return {"metadata": {"resourceVersion": str(version)}, "spec": {"http": [{"name": "primary", "route": route}]}}


def wrote(user: str, second: int, obj: dict[str, Any] | None, resource: str = "virtualservices") -> AuditEntry:
    return AuditEntry(NOON + timedelta(seconds=second), user, "patch", resource, "fraud", "model", object=obj)


def line(**changed: Any) -> str:
    said = {
        "stage": "ResponseComplete",
        "verb": "patch",
        "requestURI": "/api/v1/namespaces/fraud/services/model?fieldManager=x",
        "user": {"username": SYNCER},
        "objectRef": {"resource": "services", "namespace": "fraud", "name": "model"},
        "responseStatus": {"code": 200},
        "responseObject": {"metadata": {"name": "model"}},
        "stageTimestamp": "2026-05-04T12:00:00.123456Z",
    }
    return json.dumps(said | changed)


def test_a_write_is_read() -> None:
    entry = parsed(line())

    assert entry is not None
    assert (entry.user, entry.verb, entry.resource, entry.name) == (SYNCER, "patch", "services", "model")
    assert entry.time == NOON + timedelta(microseconds=123456)
    assert not entry.dry_run


def test_a_create_is_named_by_its_body() -> None:
    entry = parsed(line(verb="create", objectRef={"resource": "services", "namespace": "fraud"}))

    assert entry is not None
    assert entry.name == "model"


def test_a_dry_run_is_known_as_such() -> None:
    entry = parsed(line(requestURI="/api/v1/x?dryRun=All&fieldManager=x"))

    assert entry is not None
    assert entry.dry_run


def test_reads_refusals_and_broken_lines_are_no_writes() -> None:
    assert parsed(line(verb="get")) is None
    assert parsed(line(responseStatus={"code": 409})) is None
    assert parsed(line(stage="RequestReceived")) is None
    assert parsed("{half") is None


def test_a_syncer_that_keeps_the_weights_changes_nothing() -> None:
    writes = co_managed_writes([wrote(ANALYZER, 1, routes(10)), wrote(SYNCER, 2, routes(10))], SYNCER)

    assert [write.changed for write in writes] == [False]


def test_a_syncer_that_takes_the_weights_back_is_found() -> None:
    writes = co_managed_writes([wrote(ANALYZER, 1, routes(30)), wrote(SYNCER, 2, routes(0))], SYNCER)

    assert [(write.changed, write.before, write.after) for write in writes] == [
        (True, {"stable": 70, "canary": 30}, {"stable": 100, "canary": 0})
    ]


def test_the_analyzer_may_move_what_is_its_own() -> None:
    writes = co_managed_writes([wrote(SYNCER, 1, routes(0)), wrote(ANALYZER, 2, routes(10))], SYNCER)

    assert not writes


def test_the_hash_of_a_selector_counts_and_its_other_labels_do_not() -> None:
    def service(hash_: str, **labels: str) -> dict[str, Any]:
        return {"metadata": {"resourceVersion": "1"}, "spec": {"selector": {HASH_KEY: hash_, **labels}}}

    kept = co_managed_writes(
        [wrote(ANALYZER, 1, service("a"), "services"), wrote(SYNCER, 2, service("a", x="1"), "services")], SYNCER
    )
    moved = co_managed_writes(
        [wrote(ANALYZER, 1, service("a"), "services"), wrote(SYNCER, 2, service(""), "services")], SYNCER
    )

    assert ([write.changed for write in kept], [write.changed for write in moved]) == ([False], [True])


def test_a_write_that_cannot_be_seen_counts_as_changed() -> None:
    writes = co_managed_writes([wrote(ANALYZER, 1, routes(10)), wrote(SYNCER, 2, None)], SYNCER)

    assert [write.changed for write in writes] == [True]


def test_dry_runs_write_nothing() -> None:
    dry = AuditEntry(NOON, SYNCER, "patch", "virtualservices", "fraud", "model", dry_run=True, object=routes(0))

    assert not co_managed_writes([wrote(ANALYZER, -1, routes(10)), dry], SYNCER)


def test_writes_of_one_moment_are_ordered_by_their_versions() -> None:
    late, early = wrote(SYNCER, 1, routes(10, version=8)), wrote(ANALYZER, 1, routes(10, version=7))

    assert [write.changed for write in co_managed_writes([late, early], SYNCER)] == [False]
