"""Users' YAML is read as Argo reads it, and status is written as Argo writes it."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import yaml

from wavegate.argo.analysis import AnalysisRunStatus, AnalysisTemplate, MetricResult
from wavegate.argo.application import ApplicationSpec, Operation, SyncOperation, SyncPolicy
from wavegate.argo.application_status import (
    Application,
    ApplicationStatus,
    HealthStatus,
    OperationState,
    RevisionHistory,
    SyncResult,
)
from wavegate.argo.model import MalformedResource
from wavegate.argo.project import AppProject
from wavegate.argo.rollout_status import Rollout, RolloutStatus

FIXTURES = Path(__file__).parent / "fixtures"
NOON = datetime(2026, 3, 1, 13, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))


def fixture(name):
    return yaml.safe_load((FIXTURES / f"{name}.yaml").read_text())


def test_an_application_with_several_sources():
    application = Application.read(fixture("application-multi-source"))
    spec = application.spec
    assert application.key == "argocd/fraud-model"
    assert [source.repo_url for source in spec.effective_sources] == [
        "https://charts.example.com",
        "git@example.com:ml/models.git",
    ]
    helm = spec.sources[0].helm
    assert (helm.values, helm.values_object, helm.parameters[0].force_string) == ("", {"image": {"tag": "1.2"}}, True)
    assert spec.is_multi_source
    assert spec.sync_policy.automates
    assert spec.sync_policy.retry.limit == -1
    assert spec.revision_history_limit == 0
    assert application.status.sync.revisions[0] == "1.4.0"


@pytest.mark.parametrize(
    ("policy", "automates"),
    [
        ({}, False),
        ({"automated": None}, False),
        ({"automated": {}}, True),
        ({"automated": {"enabled": None}}, True),
        ({"automated": {"enabled": True}}, True),
        ({"automated": {"enabled": False, "prune": True}}, False),
    ],
)
def test_automated_is_on_by_its_presence(policy, automates):
    assert SyncPolicy.read(policy).automates is automates


def test_sources_win_over_source():
    sources = [{"repoURL": "a"}, {"repoURL": "b"}]
    spec = ApplicationSpec.read({"source": {"repoURL": "c"}, "sources": sources, "destination": {}})
    assert [source.repo_url for source in spec.effective_sources] == ["a", "b"]


def test_a_rollout_with_traffic_routing():
    rollout = Rollout.read(fixture("rollout-canary"))
    canary = rollout.spec.strategy.canary
    assert [step.names for step in canary.steps] == [
        ("setWeight",),
        ("setWeight",),
        ("pause",),
        ("pause",),
        ("pause",),
        ("setHeaderRoute",),
        ("analysis",),
    ]
    assert [step.pause.duration for step in canary.steps[2:5]] == ["10m", None, 30]
    assert (canary.max_surge, canary.max_unavailable) == ("25%", 0)
    assert canary.steps[0].set_weight == 0
    assert canary.analysis.args[0].value_from.pod_template_hash_value == "Latest"
    status = rollout.status
    assert (status.hpa_replicas, status.stable_rs, status.current_step_index) == (4, "6b7f9d", 0)


def test_an_analysis_template_names_its_providers():
    metrics = AnalysisTemplate.read(fixture("analysistemplate-prometheus")).spec.metrics
    assert [metric.provider.names for metric in metrics] == [("prometheus",), ("web",)]
    assert (metrics[0].count, metrics[0].failure_limit) == ("{{args.count}}", 2)
    assert metrics[1].provider.web == {"url": "http://example.com"}


def test_an_empty_whitelist_is_not_a_missing_one():
    spec = AppProject.read(fixture("appproject-windows")).spec
    assert spec.namespace_resource_whitelist == ()
    assert spec.sync_windows[0].use_and_operator
    assert AppProject.read({**fixture("appproject-windows"), "spec": {}}).spec.namespace_resource_whitelist is None


def test_every_bad_field_is_named_by_its_path():
    broken = fixture("application-multi-source")
    del broken["spec"]["sources"][1]["repoURL"]
    broken["spec"]["sources"][0]["helm"]["parameters"][0]["name"] = ["a"]
    with pytest.raises(MalformedResource) as raised:
        Application.read(broken)
    assert [problem.partition(":")[0] for problem in raised.value.problems] == [
        "spec.sources[0].helm.parameters[0].name",
        "spec.sources[1].repoURL",
    ]
    assert str(raised.value).startswith("Application argocd/fraud-model: ")


@pytest.mark.parametrize("data", [None, [], "text", {"metadata": "text"}, {"metadata": {}, "spec": None}])
def test_what_is_no_object_is_refused(data):
    with pytest.raises(MalformedResource):
        Application.read(data)


@pytest.mark.parametrize("count", [True, 1.5, ["1"], {}])
def test_a_limit_is_a_number_or_text(count):
    template = fixture("analysistemplate-prometheus")
    template["spec"]["metrics"][0]["count"] = count
    with pytest.raises(
        MalformedResource, match=r"spec\.metrics\[0\]\.count: Value error, must be a whole number or text"
    ):
        AnalysisTemplate.read(template)


def test_an_application_status_is_written_as_argo_writes_it():
    state = OperationState(
        operation=Operation(sync=SyncOperation(revisions=("1", "2"))),
        phase="Succeeded",
        started_at=NOON,
        sync_result=SyncResult(revision="", revisions=("1", "2")),
    )
    status = ApplicationStatus(
        health=HealthStatus(status="Healthy"),
        history=(RevisionHistory(id=0, deployed_at=NOON),),
        operation_state=state,
    )
    assert status.to_json() == {
        "health": {"status": "Healthy"},
        "history": [{"id": 0, "deployedAt": "2026-03-01T12:00:00Z"}],
        "operationState": {
            "operation": {"sync": {"revisions": ["1", "2"]}},
            "phase": "Succeeded",
            "startedAt": "2026-03-01T12:00:00Z",
            "syncResult": {"revision": "", "revisions": ["1", "2"]},
        },
    }


def test_a_status_read_is_the_status_written():
    for model, name in ((Application, "application-multi-source"), (Rollout, "rollout-canary")):
        given = fixture(name)["status"]
        given.pop("sourceHydrator", None)
        assert model.read(fixture(name)).status.to_json() == given


def test_zero_weights_are_written_and_zero_counters_are_not():
    weights = {"canary": {"weight": 0}, "stable": {"weight": 100}}
    status = RolloutStatus.read({"canary": {"weights": weights}, "replicas": 0, "currentStepIndex": 0})
    assert status.to_json() == {"canary": {"weights": weights}, "currentStepIndex": 0}
    run = AnalysisRunStatus(phase="Running", metric_results=(MetricResult(name="m", phase="Running", failed=0),))
    assert run.to_json() == {"phase": "Running", "metricResults": [{"name": "m", "phase": "Running"}]}


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="timezone"):
        RevisionHistory(id=1, deployed_at=datetime(2026, 3, 1))  # noqa: DTZ001
    assert RevisionHistory(id=1, deployed_at=datetime(2026, 3, 1, tzinfo=UTC)).to_json()["deployedAt"].endswith("Z")
