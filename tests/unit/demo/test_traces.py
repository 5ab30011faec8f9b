from dataclasses import replace

from tests.unit.demo.evidence_of import SHA, event
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


def test_a_commit_that_was_never_observed_has_an_empty_trace() -> None:
    assert document(SHA, [event("SyncSucceeded")], [SPAN])["entries"] == []


def test_half_a_line_is_passed_over() -> None:
    assert spans(['{"traceId": "x"}', '{"trace']) == [{"traceId": "x"}]
