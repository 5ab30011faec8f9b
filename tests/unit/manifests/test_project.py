"""What a project permits, and Argo CD's words for what it refuses."""

from typing import Any

import pytest

from wavegate.manifests.globs import matches
from wavegate.manifests.identity import ObjectKey
from wavegate.manifests.project import Destination, Project, normalised_url

IN_CLUSTER = "https://kubernetes.default.svc"
CONFIG_MAP = ObjectKey("", "ConfigMap", "prod", "c")
ROLE = ObjectKey("rbac.authorization.k8s.io", "ClusterRole", "", "admin")
HERE = Destination(namespace="prod")


def project(**spec: Any) -> Project:
    return Project.of(
        {"metadata": {"name": "team"}, "spec": {"destinations": [{"server": "*", "namespace": "*"}], **spec}}
    )


@pytest.mark.parametrize(
    ("pattern", "text", "separators", "result"),
    [
        ("*", "", "", True),
        ("https://git/*", "https://git/a", "/", True),
        ("https://git/*", "https://git/a/b", "/", False),
        ("https://git/**", "https://git/a/b", "/", True),
        ("team-{a,b}", "team-b", "", True),
        ("team-{a,b}", "team-c", "", False),
        ("team-[!a]", "team-b", "", True),
        ("team-[a-c]", "team-b", "", True),
        ("te?m", "team", "", True),
        ("te?m", "te/m", "/", False),
        (r"a\*b", "a*b", "", True),
        (r"a\*b", "axb", "", False),
        ("a.b", "axb", "", False),
        ("{a", "a", "", False),
        ("[a", "a", "", False),
        ("a,b", "a,b", "", True),
    ],
)
def test_globs_are_gobwas(pattern: str, text: str, separators: str, result: bool) -> None:
    assert matches(pattern, text, separators) is result


@pytest.mark.parametrize(
    ("patterns", "url", "permitted"),
    [
        (["*"], "https://git.example/team/repo.git", True),
        (["https://git.example/team/*"], "https://GIT.example/team/repo.git", True),
        (["https://git.example/*"], "https://git.example/team/repo", False),
        (["git@git.example:team/*"], "ssh://git@git.example/team/repo.git", True),
        (["*", "!https://git.example/secret/*"], "https://git.example/secret/repo", False),
        (["*", "!https://git.example/secret/*"], "https://git.example/open/repo", True),
        ([], "https://git.example/a", False),
    ],
)
def test_repositories(patterns: list[str], url: str, permitted: bool) -> None:
    refusal = project(sourceRepos=patterns).repository_refusal(url)

    assert (refusal is None) is permitted
    if not permitted:
        assert refusal == f"application repo {url} is not permitted in project 'team'"


@pytest.mark.parametrize(
    ("destinations", "permitted"),
    [
        ([{"server": IN_CLUSTER, "namespace": "prod"}], True),
        ([{"name": "in-cluster", "namespace": "pr*"}], True),
        ([{"server": IN_CLUSTER, "namespace": "dev"}], False),
        ([{"server": "*", "namespace": "*"}, {"server": IN_CLUSTER, "namespace": "!prod"}], False),
        ([{"server": "*", "namespace": "*"}, {"server": "!https://kubernetes.*", "namespace": "*"}], False),
        ([], False),
    ],
)
def test_destinations(destinations: list[dict[str, str]], permitted: bool) -> None:
    refusal = project(destinations=destinations).destination_refusal(HERE)

    assert (refusal is None) is permitted
    if not permitted:
        assert refusal == (
            f"application destination server '{IN_CLUSTER}' and namespace 'prod' do not match any of the allowed "
            "destinations in project 'team'"
        )


@pytest.mark.parametrize(
    ("spec", "key", "permitted"),
    [
        ({}, CONFIG_MAP, True),
        ({"namespaceResourceWhitelist": []}, CONFIG_MAP, False),
        ({"namespaceResourceWhitelist": [{"group": "", "kind": "ConfigMap"}]}, CONFIG_MAP, True),
        ({"namespaceResourceWhitelist": [{"group": "*", "kind": "Deploy*"}]}, CONFIG_MAP, False),
        ({"namespaceResourceBlacklist": [{"group": "*", "kind": "*"}]}, CONFIG_MAP, False),
        ({}, ROLE, False),
        ({"clusterResourceWhitelist": [{"group": "*", "kind": "*"}]}, ROLE, True),
        ({"clusterResourceWhitelist": [{"group": "*", "kind": "*", "name": "team-*"}]}, ROLE, False),
        (
            {
                "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
                "clusterResourceBlacklist": [{"group": "*", "kind": "ClusterRole"}],
            },
            ROLE,
            False,
        ),
    ],
)
def test_kinds(spec: dict[str, Any], key: ObjectKey, permitted: bool) -> None:
    refusal = project(**spec).object_refusal(key, HERE)

    assert (refusal is None) is permitted
    if not permitted:
        assert refusal == f"resource {key.group}:{key.kind} is not permitted in project team"


def test_objects_in_other_namespaces_need_them_as_destinations() -> None:
    rules = project(destinations=[{"server": "*", "namespace": "prod"}])

    assert rules.object_refusal(CONFIG_MAP._replace(namespace="dev"), HERE) == (
        "namespace dev is not permitted in project 'team'"
    )


def test_applications_of_other_namespaces_need_permission() -> None:
    assert project().namespace_refusal("app", "argocd", "argocd") is None
    assert project(sourceNamespaces=["team-*"]).namespace_refusal("app", "team-a", "argocd") is None
    assert project().namespace_refusal("app", "team-a", "argocd") == (
        "application 'app' in namespace 'team-a' is not permitted to use project 'team'"
    )


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://Git.Example/Team/Repo.git", "https://git.example/team/repo"),
        ("git@git.example:team/repo.git", "git@git.example/team/repo"),
        ("ssh://git@git.example/team/repo", "git@git.example/team/repo"),
        ("*", "*"),
    ],
)
def test_addresses_are_compared_as_argo_cd_does(url: str, form: str) -> None:
    assert normalised_url(url) == form
