"""Bad input ends as a named failure on the object; others go on; once the cause is mended the next look succeeds."""

from typing import Any

import pytest
from team import PROJECT, Team, config_map

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


async def good_neighbour(team: Team) -> str:
    team.write("good/a.yaml", config_map("neighbour", "1"))
    return team.push()


async def goes_on(team: Team, name: str) -> None:
    """Somebody else's application of the same repository syncs while this one is broken."""
    team.write("good/a.yaml", config_map("neighbour", name))
    sha = team.push()
    await team.application(f"neighbour-of-{name}", "good")
    await team.synced(f"neighbour-of-{name}", sha)


@pytest.mark.shows("Missing path", "works", "ComparisonError on the Application; mended by the next commit")
async def test_a_missing_path_is_named_and_mended_by_a_commit(team: Team) -> None:
    await good_neighbour(team)
    await team.application("missing-path", "nowhere")
    await team.condition("missing-path", "ComparisonError", "nowhere")
    await goes_on(team, "missing-path")

    team.write("nowhere/a.yaml", config_map("a", "1"))
    status = await team.synced("missing-path", team.push())
    assert not [c for c in status.get("conditions", ()) if c["type"] == "ComparisonError"]


@pytest.mark.shows("Broken YAML", "works", "ComparisonError with the file and the parser's message")
async def test_broken_yaml_is_named_and_mended_by_a_commit(team: Team) -> None:
    team.write("app/a.yaml", 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\ndata: "')
    team.push()
    await team.application("broken-yaml", "app")
    await team.condition("broken-yaml", "ComparisonError", "a.yaml")
    await goes_on(team, "broken-yaml")

    team.write("app/a.yaml", config_map("a", "1"))
    await team.synced("broken-yaml", team.push())


@pytest.mark.shows("Chart that does not render", "works", "ComparisonError with Helm's own message")
async def test_a_chart_that_does_not_render_is_named_and_mended_by_a_commit(team: Team) -> None:
    team.write("chart/Chart.yaml", "apiVersion: v2\nname: c\nversion: 0.1.0\n")
    team.write("chart/templates/a.yaml", '{{ required "a value is needed" .Values.absent }}\n')
    team.push()
    await team.application("broken-chart", "chart")
    await team.condition("broken-chart", "ComparisonError", "a value is needed")
    await goes_on(team, "broken-chart")

    team.write("chart/templates/a.yaml", config_map("from-chart", "1"))
    await team.synced("broken-chart", team.push())
    assert await team.value("from-chart") == "1"


@pytest.mark.shows("Kinds outside the AppProject", "works", "Argo CD's own message; healed when the project is")
async def test_a_kind_outside_the_project_is_refused_by_name_and_heals_with_the_project(team: Team) -> None:
    project: dict[str, Any] = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "narrow", "namespace": "argocd"},
        "spec": {
            "sourceRepos": ["*"],
            "destinations": [{"server": "*", "namespace": "*"}],
            "namespaceResourceBlacklist": [{"group": "", "kind": "ConfigMap"}],
        },
    }
    await team.kube.create(project)
    team.write("app/a.yaml", config_map("a", "1"))
    team.push()
    await team.application("outside-project", "app", project="narrow")

    def refused(status: dict[str, Any]) -> bool:
        return "not permitted in project narrow" in str(status)

    await team.until("outside-project", refused)
    assert await team.value("a") is None
    await goes_on(team, "outside-project")

    await team.kube.patch(PROJECT, "argocd", "narrow", {"spec": {"namespaceResourceBlacklist": []}})
    await team.in_sync("outside-project")
    assert await team.value("a") == "1"


@pytest.mark.shows("Object that the cluster refuses", "works", "dry run first: nothing of the commit is written")
async def test_an_object_that_the_cluster_refuses_fails_the_dry_run_and_nothing_is_written(team: Team) -> None:
    refused = config_map("Not-A-Name", "1")
    team.write("app/a.yaml", config_map("a", "1"), refused)
    team.push()
    await team.application("refused-object", "app")

    def failed(status: dict[str, Any]) -> bool:
        return "dry run" in str((status.get("operationState") or {}).get("message", ""))

    status = await team.until("refused-object", failed)
    assert "Not-A-Name" in str(status["operationState"])
    assert await team.value("a") is None
    await goes_on(team, "refused-object")

    team.write("app/a.yaml", config_map("a", "1"))
    await team.synced("refused-object", team.push())


@pytest.mark.shows("Unreachable repository", "works", "ComparisonError; others go on; the next look succeeds")
async def test_an_unreachable_repository_is_named_and_found_once_it_is_there(team: Team) -> None:
    team.write("app/a.yaml", config_map("a", "1"))
    source = {"repoURL": team.url.replace(".git", "-later.git"), "targetRevision": "main", "path": "app"}
    team.push()
    await team.application("unreachable", "app", source=source)
    await team.condition("unreachable", "ComparisonError")
    await goes_on(team, "unreachable")

    await team.application("unreachable", "app")
    await team.in_sync("unreachable")
