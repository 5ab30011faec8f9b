"""Phases in Argo's words, conditions, patches, times (rollouts.md §2.5)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.rollout_analyzer.domain.cause import read_cause
from wavegate.rollout_analyzer.domain.conditions import Conditions
from wavegate.rollout_analyzer.domain.interests import naming
from wavegate.rollout_analyzer.domain.phase import PhaseInputs, phase_of
from wavegate.rollout_analyzer.domain.status_writing import format_selector, merge_patch
from wavegate.rollout_analyzer.domain.times import format_time, parse_duration, parse_time, pause_seconds

WELL = PhaseInputs((), False, "", 4, 4, 4, 4, True, True)


@pytest.mark.parametrize(
    ("change", "phase", "message"),
    [
        ({}, "Healthy", ""),
        ({"conditions": [{"type": "InvalidSpec", "message": "x"}], "paused": True}, "Degraded", "InvalidSpec: x"),
        ({"conditions": [{"reason": "RolloutAborted", "message": "x"}]}, "Degraded", "RolloutAborted: x"),
        (
            {"conditions": [{"reason": "ProgressDeadlineExceeded", "message": "x"}]},
            "Degraded",
            "ProgressDeadlineExceeded: x",
        ),
        ({"paused": True, "pause_reason": "CanaryPauseStep"}, "Paused", "manually paused"),
        ({"pause_reason": "CanaryPauseStep", "updated": 0}, "Paused", "CanaryPauseStep"),
        ({"updated": 1, "available": 0}, "Progressing", "more replicas need to be updated"),
        ({"available": 3}, "Progressing", "updated replicas are still becoming available"),
        ({"current": 5, "routed": False}, "Progressing", "old replicas are pending termination"),
        ({"current": 5}, "Healthy", ""),
        ({"promoted": False}, "Progressing", "waiting for all steps to complete"),
    ],
)
def test_phases_come_in_argos_order(change: dict[str, Any], phase: str, message: str) -> None:
    assert phase_of(replace(WELL, **change)) == (phase, message)


def test_a_condition_moves_only_when_status_or_reason_do() -> None:
    first = Conditions((), datetime(2026, 1, 1, tzinfo=UTC)).put("Progressing", "True", "A", "one")
    later = Conditions(first.listed, first.now + timedelta(hours=1))
    assert later.put("Progressing", "True", "A", "two").listed == first.listed
    moved = later.put("Progressing", "True", "B", "two").get("Progressing")
    assert moved is not None
    assert (moved["lastUpdateTime"], moved["lastTransitionTime"]) == ("2026-01-01T01:00:00Z", "2026-01-01T00:00:00Z")
    turned = later.put("Progressing", "False", "A", "two").get("Progressing")
    assert turned is not None
    assert turned["lastTransitionTime"] == "2026-01-01T01:00:00Z"


JSON = st.recursive(
    st.integers() | st.text(max_size=3) | st.booleans(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)
DOCUMENT = st.dictionaries(st.text(max_size=2), JSON, max_size=4)


def patched(value: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    result = dict(value) if isinstance(value, dict) else {}
    for key, change in patch.items():
        if change is None:
            result.pop(key, None)
        else:
            result[key] = patched(result.get(key), change)
    return result


@given(DOCUMENT, DOCUMENT)
def test_a_merge_patch_leads_from_one_document_to_the_other(old: dict[str, Any], new: dict[str, Any]) -> None:
    patch = merge_patch(old, new)
    assert patched(old, patch or {}) == new
    assert (patch is None) == (old == new)


@pytest.mark.parametrize(
    ("text", "seconds"), [("1m30s", 90), ("250ms", 0.25), ("1.5h", 5400), ("0", 0), ("-2s", -2), (".5s", 0.5)]
)
def test_durations_are_gos(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "s", "1d", "1m 30s", "99999999999h", "one"])
def test_other_durations_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="invalid duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (30, 30),
        ("30", 30),
        ("30s", 30),
        ("1h", 3600),
        ("soon", -1),
        (-5, -1),
        (2**40, -1),
        ("9" * 5000, -1),
        (None, -1),
        (True, -1),
    ],
)
def test_pauses_are_seconds_or_durations(value: Any, seconds: int) -> None:
    assert pause_seconds(value) == seconds


def test_times_are_whole_seconds_and_nonsense_is_none() -> None:
    assert format_time(datetime(2026, 1, 1, 1, 2, 3, 999999, tzinfo=UTC)) == "2026-01-01T01:02:03Z"
    assert parse_time("2026-01-01T01:02:03Z") == datetime(2026, 1, 1, 1, 2, 3, tzinfo=UTC)
    assert parse_time("yesterday") is None
    assert parse_time(5) is None


def test_a_selector_is_written_as_the_scale_subresource_wants_it() -> None:
    expressions = [
        {"key": "a", "operator": "In", "values": ["y", "x"]},
        {"key": "b", "operator": "Exists"},
        {"key": "c", "operator": "DoesNotExist"},
    ]
    assert format_selector({"matchLabels": {"z": "1"}, "matchExpressions": expressions}) == "z=1,a in (x,y),b,!c"


def test_a_cause_is_read_and_nonsense_is_passed_over() -> None:
    said = '{"repository": "https://x/y", "ref": "main", "seq": 3, "sha": "abc", "traceparent": "%s"}' % ("0" * 55)
    cause = read_cause({"wavegate.dev/cause": said, "wavegate.dev/intent": "7"})
    assert (cause.commits[0].seq, cause.traceparent, cause.intent) == (3, "0" * 55, 7)
    for nonsense in ("", "{", "[]", '{"seq": "x"}', "[" * 100_000, '{"repository": 1}'):
        assert read_cause({"wavegate.dev/cause": nonsense, "wavegate.dev/intent": "x"}).commits == ()


def test_changes_reach_the_rollouts_that_name_the_object() -> None:
    def rollout(name: str, namespace: str, **canary: Any) -> dict[str, Any]:
        return {"metadata": {"name": name, "namespace": namespace}, "spec": {"strategy": {"canary": canary}}}

    istio = {"istio": {"virtualService": {"name": "vs.other"}, "destinationRule": {"name": "dr"}}}
    rollouts = [
        rollout("a", "one", canaryService="svc", trafficRouting=istio),
        rollout("b", "two", canaryService="svc", steps=[{"analysis": {}}]),
        {"metadata": {"name": "c", "namespace": "one"}, "spec": "nonsense"},
    ]
    assert naming(rollouts, "Service", "one", "svc") == ["one/a"]
    assert naming(rollouts, "VirtualService", "other", "vs") == ["one/a"]
    assert naming(rollouts, "VirtualService", "one", "vs") == []
    assert naming(rollouts, "DestinationRule", "one", "dr") == ["one/a"]
    assert naming(rollouts, "AnalysisTemplate", "two", "t") == ["two/b"]
    assert naming(rollouts, "ClusterAnalysisTemplate", "", "t") == ["two/b"]
