from dataclasses import replace
from typing import Any

import pytest

from tests.unit.demo.evidence_of import NOON, SHA, application, at, event, live, received, routes, wrote
from wavegate.demo.story import canary_stages, cast_names, commit_stages, looks, repair_stages
from wavegate.demo.story.evidence import Evidence, Live, ObjectName
from wavegate.demo.story.looks import progress

EMPTY = Evidence()
STATUS = {"phase": "Healthy", "observedGeneration": "4", "stableRS": "abc", "currentPodHash": "abc"}


def rollout(tag: str, **status: Any) -> dict[ObjectName, Live]:
    containers = [{"image": f"registry.example.com/fraud/model-server:{tag}"}]
    metadata = {"name": "model-server", "generation": 4}
    return live(
        "Rollout",
        "model-server",
        metadata=metadata,
        spec={"template": {"spec": {"containers": containers}}},
        status=status,
    )


def test_a_commit_is_synced_only_if_event_and_application_agree() -> None:
    said = Evidence(events=(event("SyncSucceeded", 1),))
    stands = Evidence(objects=application())
    look = commit_stages.synced(SHA).look

    assert look(EMPTY) is None
    assert look(said) is None
    assert look(stands) is None
    assert look(replace(said, objects=application("b" * 40))) is None
    assert look(replace(said, objects=application(health="Progressing"))) is None
    seen = look(replace(said, objects=application()))
    assert seen is not None
    assert (seen.text, seen.event) == ("Synced, Healthy", "SyncSucceeded-1")


def test_the_event_of_another_commit_proves_nothing() -> None:
    assert (
        commit_stages.observed(SHA).look(
            Evidence(events=(event("RevisionObserved", sha="b" * 40, seq=1, trigger="x"),))
        )
        is None
    )


def test_a_wave_is_seen_when_it_is_written_and_healthy() -> None:
    written = event("WaveApplied", 1, wave=3, applied=2, unchanged=1)
    look = commit_stages.wave(SHA, 3).look

    assert look(Evidence(events=(written, event("WaveHealthy", 2, wave=2)))) is None
    seen = look(Evidence(events=(written, event("WaveHealthy", 2, wave=3))))
    assert seen is not None
    assert (seen.time, seen.text) == (at(2), "2 applied, 1 unchanged")


def test_the_last_wave_is_seen_when_it_is_written() -> None:
    assert commit_stages.wave(SHA, 5).look(Evidence(events=(event("WaveApplied", wave=5, applied=1, unchanged=0),)))


def test_waves_out_of_order_are_not_taken_for_waves() -> None:
    wanted = ((0, "namespaces", "fraud"), (1, "configmaps", "model"))
    first, second = (
        wrote(cast_names.SYNCER, "namespaces", "fraud", 1),
        wrote(cast_names.SYNCER, "configmaps", "model", 2),
    )
    look = commit_stages.waves_in_order(SHA, wanted).look

    assert look(Evidence(audit=(first, second))) is not None
    assert look(Evidence(audit=(replace(first, time=at(3)), second))) is None
    assert look(Evidence(audit=(first,))) is None
    assert look(Evidence(audit=(first, replace(second, user="somebody")))) is None


def test_a_weight_needs_the_analyzers_own_write() -> None:
    said = (event("WeightSet", 1, weight=10, route="model-server"),)
    own = wrote(cast_names.ANALYZER, "virtualservices", "model-server", 1, spec=routes(10))
    look = canary_stages.weight(10).look

    assert look(Evidence(events=said)) is None
    assert look(Evidence(events=said, audit=(replace(own, user=cast_names.SYNCER),))) is None
    assert look(Evidence(events=said, audit=(replace(own, object={"spec": routes(30)}),))) is None
    assert look(Evidence(events=said, audit=(own,))) is not None


def measured(run: str, weight: int, values: dict[str, str], phase: str) -> Evidence:
    taken = (
        event("MeasurementTaken", 3, analysisRun=run, value=value, phase=verdict, threshold="result[0] >= 0.99")
        for value, verdict in values.items()
    )
    spec = {"metrics": [{"name": "success-rate", "count": 5}]}
    return Evidence(
        events=(
            event("WeightSet", 1, weight=weight),
            event("AnalysisStarted", 2, analysisRun=run),
            *taken,
            event("AnalysisCompleted", 4, analysisRun=run, phase=phase),
        ),
        objects=live("AnalysisRun", run, spec=spec, status={"phase": phase}),
    )


def test_an_analysis_is_told_with_its_measurement_beside_the_threshold() -> None:
    evidence = measured("run-1", 10, {"[0.93]": "Failed", "[0.92]": "Failed", "[0.91]": "Failed"}, "Failed")
    seen = canary_stages.analysis(10, "Failed", " → aborted").look(evidence)

    assert seen is not None
    assert seen.text == "0.91 < 0.99, 3 of 5 failed → aborted"
    assert canary_stages.analysis(10, "Successful").look(evidence) is None
    assert canary_stages.analysis(30, "Failed").look(evidence) is None


def test_an_analysis_that_only_the_event_calls_passed_is_not_seen() -> None:
    evidence = measured("run-1", 10, {"[1]": "Successful"}, "Successful")

    assert canary_stages.analysis(10, "Successful").look(evidence) is not None
    assert canary_stages.analysis(10, "Successful").look(replace(evidence, objects={})) is None


def test_a_promotion_needs_the_rollout_to_stand_so() -> None:
    said = Evidence(events=(event("RolloutPromoted", revision="abc"),))
    look = canary_stages.promoted("v2").look

    assert look(replace(said, objects=rollout("v2", **STATUS))) is not None
    assert look(replace(said, objects=rollout("v1", **STATUS))) is None
    assert look(replace(said, objects=rollout("v2", **{**STATUS, "stableRS": "old"}))) is None
    assert look(replace(said, objects=rollout("v2", **{**STATUS, "observedGeneration": "3"}))) is None


def test_an_abort_is_seen_when_all_traffic_is_back_at_stable() -> None:
    said = (event("RolloutAborted", detail="metric failed"),)
    degraded = rollout("v3", phase="Degraded")
    look = canary_stages.aborted().look

    assert look(Evidence(said, objects=degraded | live("VirtualService", "model-server", spec=routes(10)))) is None
    assert look(Evidence(said, objects=degraded | live("VirtualService", "model-server", spec=routes(0)))) is not None


def test_a_message_is_told_exactly_with_what_caused_it() -> None:
    reached = received("slack", 2, text=":x: it is out\n", receipt="C1:5", channel="ml")
    events = (
        event("SyncSucceeded", 1, id_="cause"),
        event("NotificationDelivered", 3, id_="told", cause="cause", service="slack", receipt="C1:5"),
    )
    look = commit_stages.slack(SHA, "it is out").look
    seen = look(Evidence(events, received=(reached,)))

    assert seen is not None
    assert (seen.time, seen.text, seen.event) == (at(2), ":x: it is out\n(because of SyncSucceeded cause)", "told")
    assert look(Evidence(events)) is None
    assert look(Evidence(events[:1], received=(reached,))) is None
    assert commit_stages.slack("b" * 40, "it is out").look(Evidence(events, received=(reached,))) is None


def test_a_refused_message_is_no_message() -> None:
    refused = replace(received("slack"), accepted=None)

    assert commit_stages.slack(SHA, "").look(Evidence(received=(refused,))) is None


def test_pagerduty_counts_only_a_trigger() -> None:
    delivered = (event("NotificationDelivered", 3, service="pagerdutyv2", receipt="k"),)
    look = commit_stages.pagerduty(SHA).look

    assert look(Evidence(delivered, received=(received("pagerduty", action="trigger", receipt="k"),))) is not None
    assert look(Evidence(delivered, received=(received("pagerduty", action="resolve", receipt="k"),))) is None


def test_an_object_is_pruned_by_the_syncer_or_not_at_all() -> None:
    gone = {ObjectName("ConfigMap", "fraud", "flags"): Live(at(2), None)}
    by_syncer = wrote(cast_names.SYNCER, "configmaps", "flags", 1, verb="delete")
    look = repair_stages.pruned("ConfigMap", "configmaps", "flags").look

    assert look(Evidence(audit=(by_syncer,), objects=gone)) is not None
    assert look(Evidence(audit=(replace(by_syncer, user="admin"),), objects=gone)) is None
    assert look(Evidence(audit=(by_syncer,), objects=live("ConfigMap", "flags"))) is None
    assert look(Evidence(audit=(by_syncer,))) is None


def test_healing_needs_both_events_the_write_and_the_object() -> None:
    resource = {"kind": "ConfigMap", "name": "model-server"}
    whole = Evidence(
        events=(
            event("DriftDetected", 1, resource=resource, fields=["data.THRESHOLD"], manager="kubectl-edit"),
            event("DriftHealed", 3, resource=resource),
        ),
        audit=(wrote(cast_names.SYNCER, "configmaps", "model-server", 2, data={"x": "git"}),),
        objects=live("ConfigMap", "model-server", data={"x": "git"}),
    )
    look = repair_stages.healed("ConfigMap", "configmaps", "model-server", lambda obj: obj["data"]["x"] == "git").look

    assert look(whole) is not None
    assert look(replace(whole, events=whole.events[:1])) is None
    assert look(replace(whole, audit=())) is None
    assert look(replace(whole, objects=live("ConfigMap", "model-server", data={"x": "hand"}))) is None


def test_co_managed_fields_are_proven_only_by_a_syncer_that_wrote() -> None:
    analyzer = wrote(cast_names.ANALYZER, "virtualservices", "model-server", 1, spec=routes(10))
    kept = wrote(cast_names.SYNCER, "virtualservices", "model-server", 2, spec=routes(10))
    moved = wrote(cast_names.SYNCER, "virtualservices", "model-server", 2, spec=routes(0))
    before = wrote(cast_names.SYNCER, "virtualservices", "model-server", 2, spec=routes(0))
    look = canary_stages.co_managed_untouched().look

    assert look(Evidence(audit=(analyzer,))) is None
    assert look(Evidence(audit=(replace(before, time=at(0)), before))) is None
    assert look(Evidence(audit=(analyzer, moved))) is None
    assert look(Evidence(audit=(analyzer, kept))) is not None


def test_evidence_of_before_does_not_count() -> None:
    evidence = Evidence(events=(event("SyncSucceeded", -1),), objects=application())

    assert commit_stages.synced(SHA).look(evidence.since(NOON)) is None


def test_progress_names_what_is_missing() -> None:
    wanted = [commit_stages.observed(SHA), commit_stages.rendered(SHA)]
    seen, missing = progress(wanted, Evidence(events=(event("RevisionObserved", 1, seq=1, trigger="webhook"),)))

    assert list(seen) == ["observed"]
    assert [stage.name for stage in missing] == ["rendered"]


@pytest.mark.parametrize(
    "stage", [commit_stages.superseded(SHA), commit_stages.sync_failed(SHA), canary_stages.canary_started("v2")]
)
def test_nothing_is_seen_in_nothing(stage: looks.Stage) -> None:
    assert stage.look(EMPTY) is None
