"""Every file of `health/` is named for its kind and the verdict that it must get; a last comment gives the message."""

from pathlib import Path

import pytest
import yaml

from wavegate.manifests.health import Health, HealthStatus, aggregated, health_of
from wavegate.manifests.health.assessment import CHECKS
from wavegate.manifests.identity import ObjectKey, group_kind_of

FIXTURES = sorted((Path(__file__).parent / "health").glob("*.yaml"))


@pytest.mark.shows(
    "Health of Kubernetes' own kinds, Rollout, AnalysisRun, KServe InferenceService, Application, CRD",
    "works",
    "others by the conditions `Ready`, `Stalled` and the like (kstatus)",
)
@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_the_verdict_is_the_one_in_the_name(fixture: Path) -> None:
    text = fixture.read_text()
    verdict = fixture.stem.split("-")[1]
    said = [line.removeprefix("# message: ") for line in text.splitlines() if line.startswith("# message: ")]

    health = health_of(yaml.safe_load(text))

    assert (str(health.status).lower() if health is not None else "none") == verdict
    if said:
        assert health is not None
        assert health.message == yaml.safe_load(said[0])


def test_every_check_has_a_fixture() -> None:
    shown = {group_kind_of(yaml.safe_load(path.read_text())) for path in FIXTURES}

    assert set(CHECKS) <= shown


@pytest.mark.parametrize("kind", sorted(CHECKS), ids=str)
def test_an_object_without_status_breaks_nothing(kind: tuple[str, str]) -> None:
    group, name = kind
    api = f"{group}/v1" if group else "v1"
    for odd in ({}, {"status": None, "spec": None}, {"status": {"conditions": [None, 3]}, "spec": []}):
        assert health_of({"apiVersion": api, "kind": name, "metadata": {"name": "x"}, **odd}) is not None


KEYS = [ObjectKey("apps", "Deployment", "n", name) for name in "abcd"]


def test_an_application_is_as_healthy_as_its_worst_object() -> None:
    healths = [Health(HealthStatus.HEALTHY), None, Health(HealthStatus.PROGRESSING), Health(HealthStatus.SUSPENDED)]

    found = aggregated(zip(KEYS, healths, strict=True), any_live=True, any_wanted=True)

    assert found == Health(HealthStatus.PROGRESSING, "Caused by apps/Deployment:n/c")


def test_three_culprits_are_named_and_the_rest_counted() -> None:
    found = aggregated([(key, Health(HealthStatus.DEGRADED)) for key in KEYS], any_live=True, any_wanted=True)

    assert found.message == "Caused by apps/Deployment:n/a, apps/Deployment:n/b, apps/Deployment:n/c, and 1 more"


def test_nothing_live_is_missing_and_nothing_wanted_is_healthy() -> None:
    assert aggregated([], any_live=False, any_wanted=True).status is HealthStatus.MISSING
    assert aggregated([], any_live=False, any_wanted=False).status is HealthStatus.HEALTHY


def test_a_child_application_that_is_not_there_yet_does_not_count() -> None:
    key = ObjectKey("argoproj.io", "Application", "argocd", "child")

    assert (
        aggregated([(key, Health(HealthStatus.UNKNOWN))], any_live=True, any_wanted=True).status is HealthStatus.HEALTHY
    )
