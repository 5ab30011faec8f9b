"""What is shown of objects and events: their own words, bounded, never markup or control characters."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from wavegate.cli import applications, events, rollouts, showing, words
from wavegate.runtime.event_reader import ReadEvent

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
SHA = "abcdef0" * 5 + "abcde"
APPLICATION: dict[str, Any] = {
    "metadata": {"namespace": "argocd", "name": "fraud"},
    "spec": {
        "project": "ml",
        "source": {"repoURL": "https://git.example.com/x.git", "targetRevision": "main", "path": "m"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "fraud"},
    },
    "status": {
        "sync": {"status": "Synced", "revision": SHA},
        "health": {"status": "Degraded", "message": "rollout aborted"},
        "operationState": {
            "phase": "Failed",
            "message": "one or more\nobjects [red]failed[/red]",
            "finishedAt": "2026-01-01T11:58:00Z",
            "syncResult": {"resources": [{"kind": "Service", "name": "s", "message": "service/s configured"}]},
        },
        "conditions": [{"type": "SyncError", "message": "no"}],
        "resources": [
            {"kind": "HPA", "name": "h", "syncWave": 5, "status": "OutOfSync"},
            {"kind": "Service", "name": "s", "status": "Synced", "health": {"status": "Healthy"}},
        ],
        "history": [{"id": 0, "revision": "a" * 40, "deployedAt": "2026-01-01T10:00:00Z"}, {"id": 1, "revision": SHA}],
    },
}


def printed(shown: Any) -> str:
    console = Console(width=160, no_color=True)
    with console.capture() as capture:
        console.print(shown)
    return capture.get()


def test_applications_are_listed_by_name() -> None:
    bare: dict[str, Any] = {"metadata": {"name": "a"}, "spec": {}}
    rows = applications.listed([APPLICATION, bare], NOW)
    assert rows.rows == [
        ("a", "", "", "", "", "", ""),
        ("fraud", "ml", "Synced", "Degraded", "abcdef0", "Failed", "2m"),
    ]


def test_an_application_says_why_it_stands_where_it_stands() -> None:
    shown = printed(showing.page(applications.facts(APPLICATION), applications.resources(APPLICATION)))
    assert "Failed one or more objects [red]failed[/red]" in shown
    assert "SyncError: no" in shown
    assert "https://git.example.com/x.git main m" in shown


def test_objects_are_shown_in_the_order_of_their_waves_with_what_was_said_of_them() -> None:
    rows = applications.resources(APPLICATION).rows
    assert [(row[0], row[1], row[6]) for row in rows] == [("0", "Service", "service/s configured"), ("5", "HPA", "")]


def test_history_begins_with_the_newest() -> None:
    assert [row[0] for row in applications.history(APPLICATION, NOW).rows] == ["1", "0"]


ROLLOUT: dict[str, Any] = {
    "metadata": {"namespace": "fraud", "name": "fraud-model", "uid": "u1"},
    "spec": {
        "replicas": 4,
        "template": {"spec": {"containers": [{"image": "model:v2"}]}},
        "strategy": {"canary": {"steps": [{"setWeight": 10}, {"pause": {}}, {"analysis": {}}]}},
    },
    "status": {
        "phase": "Paused",
        "message": "CanaryPauseStep",
        "currentStepIndex": 1,
        "currentPodHash": "new",
        "stableRS": "old",
        "updatedReplicas": 1,
        "availableReplicas": 5,
        "pauseConditions": [{"reason": "CanaryPauseStep"}],
        "canary": {"weights": {"canary": {"weight": 10}, "stable": {"weight": 90}}},
    },
}


def run(name: str, owner: str, created: str, *results: dict[str, Any]) -> dict[str, Any]:
    metadata = {"name": name, "ownerReferences": [{"uid": owner}], "creationTimestamp": created}
    return {"metadata": metadata, "status": {"phase": "Failed", "message": "assessed", "metricResults": list(results)}}


def test_a_rollout_shows_its_step_and_weight() -> None:
    facts = dict(rollouts.facts(ROLLOUT))
    assert (facts["Step"], facts["Weight"]) == ("1/3 pause", "canary 10 %, stable 90 %")
    assert facts["Replicas"] == "4 wanted, 1 updated, 5 available"
    assert rollouts.summary(ROLLOUT) == "Paused  1/3 pause  canary 10 %, stable 90 %  CanaryPauseStep"


def test_a_rollout_without_a_status_shows_what_there_is() -> None:
    bare: dict[str, Any] = {"metadata": {"namespace": "n", "name": "r"}, "spec": {}}
    assert dict(rollouts.facts(bare))["Status"] == ""
    done = ROLLOUT | {"status": {"currentStepIndex": 3}}
    assert dict(rollouts.facts(done))["Step"] == "3/3"


def test_measurements_of_its_own_runs_are_shown_newest_first() -> None:
    result = {
        "name": "success",
        "successful": 2,
        "failed": 3,
        "measurements": [{"value": "[0.99]"}, {"value": "[0.91]"}],
    }
    runs = [
        run("first", "u1", "2026-01-01T11:00:00Z", result),
        run("second", "u1", "2026-01-01T11:30:00Z"),
        run("other", "u2", "2026-01-01T11:30:00Z"),
    ]
    assert rollouts.analyses(ROLLOUT, runs, NOW).rows == [
        ("second", "Failed", "", "", "", "", "30m", "assessed"),
        ("first", "Failed", "success", "5", "3", "[0.91]", "1h", "assessed"),
    ]


def event(**data: Any) -> ReadEvent:
    subject = "wavegate.application.argocd.fraud%2Eone.SyncFailed"
    return ReadEvent(7, subject, "e1", "t", NOW, "e0", None, data)


def test_an_event_is_one_line_with_its_commits_and_what_it_says() -> None:
    line = events.line(event(commits=[{"sha": SHA, "seq": 4}], intent=2, reason="ApplyFailed", detail="x\x1b[31m\ny"))
    assert "SyncFailed" in line
    assert "argocd/fraud.one" in line
    assert line.endswith("abcdef0 (seq 4)  intent 2  reason=ApplyFailed  detail=x [31m y")


def test_an_event_as_json_names_its_cause() -> None:
    shown = events.as_json(event(reason="x"))
    assert (shown["causationid"], shown["data"], "traceparent" in shown) == ("e0", {"reason": "x"}, False)


@pytest.mark.parametrize(("since", "seconds"), [("30s", 30), ("5m", 300), ("2h", 7200), ("1d", 86400)])
def test_an_age_is_a_start(since: str, seconds: int) -> None:
    assert events.start(since, NOW) == NOW - timedelta(seconds=seconds)


def test_all_has_no_start_and_anything_else_is_refused() -> None:
    assert events.start("all", NOW) is None
    with pytest.raises(ValueError, match="30m"):
        events.start("yesterday", NOW)


def test_words_are_plain_and_bounded() -> None:
    assert words.plain("a\x00\u202eb\r\nc") == "a b c"
    assert len(words.plain("x" * 1000)) == 200
    assert words.revision("main") == "main"
    assert words.age("not a time", NOW) == ""
