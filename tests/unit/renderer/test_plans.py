"""Which tool renders a source, and what it is asked."""

from typing import Any

import pytest
from rendered_world import URL, command, sha

from wavegate.argo.application import ApplicationSource, HelmSource, KustomizeSource
from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.renderer.domain import helm, kustomize, overrides, plans
from wavegate.renderer.domain.build_environment import substituted, variables
from wavegate.renderer.domain.helm import Cluster, Release
from wavegate.renderer.domain.plans import HelmPlan, SourceType, refuse_unsupported, type_of

CLUSTER = Cluster("v1.36.0", ("v1",))
ENVIRONMENT = variables(command(), command().sources[0])


def source(**fields: Any) -> ApplicationSource:
    return ApplicationSource.read({"repoURL": URL, "path": "app", **fields})


def planned(**options: Any) -> HelmPlan:
    return helm.plan("app", HelmSource.read(options), Release("fraud", "prod"), CLUSTER, ENVIRONMENT)


@pytest.mark.parametrize(
    ("fields", "names", "kind"),
    [
        ({}, {"a.yaml"}, SourceType.DIRECTORY),
        ({}, {"Chart.yaml", "kustomization.yaml"}, SourceType.HELM),
        ({}, {"kustomization.yml", "a.yaml"}, SourceType.KUSTOMIZE),
        ({}, {"Kustomization"}, SourceType.KUSTOMIZE),
        ({"directory": {"recurse": True}}, {"Chart.yaml"}, SourceType.DIRECTORY),
        ({"helm": {"releaseName": "x"}}, {"kustomization.yaml"}, SourceType.HELM),
        ({"directory": {}}, {"Chart.yaml"}, SourceType.HELM),
    ],
)
def test_the_spec_decides_then_the_files(fields: dict[str, Any], names: set[str], kind: SourceType) -> None:
    assert type_of(source(**fields), frozenset(names)) is kind


@pytest.mark.shows("Config management plugins", "refused by name")
@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"plugin": {"name": "cdk8s"}}, Reason.SOURCE_TYPE_UNSUPPORTED),
        ({"helm": {"values": "a: 1"}, "kustomize": {"namePrefix": "x"}}, Reason.INVALID_SPEC),
    ],
)
def test_plugins_and_two_tools_at_once_are_refused_by_name(fields: dict[str, Any], reason: Reason) -> None:
    with pytest.raises(Rejected) as refused:
        type_of(source(**fields), frozenset())
    assert refused.value.reason is reason


@pytest.mark.shows("OCI sources, sources by `ref`", "refused by name")
@pytest.mark.parametrize(
    "fields", [{"chart": "redis"}, {"ref": "values"}, {"path": ""}, {"repoURL": "oci://ghcr.io/x/y"}]
)
def test_what_is_not_rendered_yet_is_refused_by_name(fields: dict[str, Any]) -> None:
    with pytest.raises(Rejected):
        refuse_unsupported(source(**fields))


def test_a_chart_takes_name_and_namespace_from_the_application_and_the_clusters_capabilities() -> None:
    plan = planned()

    assert (plan.release_name, plan.namespace, plan.kube_version, plan.api_versions) == (
        "fraud",
        "prod",
        "v1.36.0",
        ("v1",),
    )


def test_options_come_before_what_is_derived() -> None:
    plan = planned(
        releaseName="r", namespace="n", kubeVersion="1.30", apiVersions=["x/v1"], valuesObject={"a": 1}, values="b"
    )

    assert (plan.release_name, plan.namespace, plan.kube_version, plan.api_versions) == ("r", "n", "1.30", ("x/v1",))
    assert plan.values == '{"a": 1}'


def test_commas_in_parameters_are_escaped_except_in_lists() -> None:
    values = ["a,b", r"a\,b", "{a,b}", "$ARGOCD_APP_NAME"]
    plan = planned(parameters=[{"name": "x", "value": value} for value in values])

    assert [one.value for one in plan.parameters] == [r"a\,b", r"a\,b", "{a,b}", "fraud"]


@pytest.mark.shows("Helm value files by `$ref/…` or by pattern", "refused by name")
@pytest.mark.parametrize("name", ["$values/prod.yaml", "env/*.yaml", "{a,b}.yaml"])
def test_value_files_by_reference_or_pattern_are_refused_by_name(name: str) -> None:
    with pytest.raises(Rejected) as refused:
        planned(valueFiles=[name])
    assert refused.value.reason is Reason.FEATURE_UNSUPPORTED


def test_value_files_are_brought_into_plain_form() -> None:
    plan = planned(valueFiles=["values-prod.yaml", "../shared.yaml", "/env/x.yaml", "$ARGOCD_APP_NAME/v.yaml"])

    assert plan.value_files == ("app/values-prod.yaml", "shared.yaml", "env/x.yaml", "app/fraud/v.yaml")


def test_the_build_environment_is_argo_cds() -> None:
    assert substituted("${ARGOCD_APP_REVISION_SHORT}-$ARGOCD_APP_SOURCE_PATH-$OTHER-$$X", ENVIRONMENT) == (
        f"{sha(1)[:7]}-app--$X"
    )


def test_annotations_have_the_environment_only_where_asked() -> None:
    annotations = {"commonAnnotations": {"app": "$ARGOCD_APP_NAME"}}
    plain = kustomize.plan("app", KustomizeSource.read(annotations), ENVIRONMENT)
    asked = kustomize.plan("app", KustomizeSource.read({**annotations, "commonAnnotationsEnvsubst": True}), ENVIRONMENT)

    assert plain.options.common_annotations == {"app": "$ARGOCD_APP_NAME"}
    assert asked.options.common_annotations == {"app": "fraud"}


def test_overrides_are_merged_but_never_move_the_source() -> None:
    given = {"repoURL": URL, "path": "app", "kustomize": {"images": ["a:1"], "namePrefix": "x-"}}
    patch = {
        "repoURL": "https://evil",
        "path": "..",
        "chart": "c",
        "kustomize": {"images": ["a:2"], "namePrefix": None},
    }

    assert overrides.merged(given, patch) == {"repoURL": URL, "path": "app", "kustomize": {"images": ["a:2"]}}


def test_a_plan_is_named_by_its_kind() -> None:
    assert plans.SourceType.HELM == "Helm"
