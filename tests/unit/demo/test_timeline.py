from tests.unit.demo.evidence_of import NOON, SHA, application, at, event
from wavegate.demo.story import commit_stages
from wavegate.demo.story.evidence import Evidence, Received, Sighting
from wavegate.demo.story.timeline import line, missing_report, newly_seen


def test_a_line_counts_milliseconds_from_the_push() -> None:
    told = str(line("wave 3", Sighting(at(1.2345), "4 applied"), SHA, NOON))

    assert told == "   1234 ms  aaaaaaa  wave 3             4 applied"


def test_a_message_of_several_lines_stands_under_itself() -> None:
    first, second = str(line("Slack accepted", Sighting(at(2), "out\n(because of X)"), SHA, NOON)).splitlines()

    assert first.index("out") == second.index("(because")


def test_what_happened_first_is_told_first_and_once() -> None:
    seen = {"late": Sighting(at(9)), "b": Sighting(at(2)), "a": Sighting(at(1)), "told": Sighting(at(0))}

    assert [name for name, _ in newly_seen(seen, {"told"}, at(3))] == ["a", "b"]


def test_a_missing_stage_is_named_with_the_evidence_so_far() -> None:
    refused = Received("slack", NOON, 200, None, {"ok": False, "error": "invalid_auth"})
    evidence = Evidence((event("SyncFailed", reason="ObjectDegraded"),), (), (refused,), application(phase="Failed"))
    report = missing_report([commit_stages.synced(SHA)], evidence)

    assert "MISSING synced: wanted SyncSucceeded" in report
    assert "Application fraud-model: Synced, aaaaaaa, Healthy, Failed" in report
    assert "invalid_auth" in report
    assert "SyncFailed reason=ObjectDegraded" in report


def test_with_nothing_seen_the_report_says_so() -> None:
    assert "nothing is there" in missing_report([commit_stages.observed(SHA)], Evidence())
