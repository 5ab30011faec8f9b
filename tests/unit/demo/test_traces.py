from dataclasses import replace

from tests.unit.demo.evidence_of import SHA, at, event
from wavegate.demo.story.traces import document, spans

TRACE = "1" * 32
SPAN = {
    "traceId": TRACE,
    "spanId": "2" * 16,
    "parentSpanId": None,
    "name": "render",
    "service": "renderer",
    "startTimeUnixNano": 1_777_896_000_500_000_000,
    "endTimeUnixNano": 1_777_896_000_512_000_000,
}


def test_a_commits_trace_holds_its_spans_and_events_in_time() -> None:
    parent = f"00-{TRACE}-{'3' * 16}-01"
    observed = replace(event("RevisionObserved", sha="", sha_=SHA), traceparent=parent)
    observed = replace(observed, data={"sha": SHA})
    later = replace(event("SyncSucceeded", 1), traceparent=parent)
    other = replace(event("SyncSucceeded", 1), traceparent=f"00-{'9' * 32}-{'3' * 16}-01")
    told = document(SHA, [observed, later, other], [SPAN, {**SPAN, "traceId": "9" * 32}])

    assert told["traceId"] == TRACE
    assert [entry.get("event") or entry["name"] for entry in told["entries"]] == [
        "RevisionObserved",
        "render",
        "SyncSucceeded",
    ]
    assert told["entries"][1]["ms"] == 12.0
    assert [entry["atMs"] for entry in told["entries"]] == [0.0, 500.0, 1000.0]


def test_an_event_stands_at_the_time_at_which_it_was_said() -> None:
    parent = f"00-{TRACE}-{'3' * 16}-01"
    observed = replace(event("RevisionObserved", 5), traceparent=parent, data={"sha": SHA}, said=at(1))

    assert document(SHA, [observed], [])["entries"][0]["time"] == at(1).isoformat()


def test_a_commit_that_was_never_observed_has_an_empty_trace() -> None:
    assert document(SHA, [event("SyncSucceeded")], [SPAN])["entries"] == []


def test_half_a_line_is_passed_over() -> None:
    assert spans(['{"traceId": "x"}', '{"trace']) == [{"traceId": "x"}]
