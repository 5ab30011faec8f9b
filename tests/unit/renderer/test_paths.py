"""Paths of an Application stay inside its repository (rows S01 and S04 of the security table)."""

import pytest

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.renderer.domain.paths import is_within, reference, source_path


@pytest.mark.parametrize(
    ("path", "plain"), [(".", ""), ("./", ""), ("apps/a", "apps/a"), ("apps/./a/", "apps/a"), ("a/../b", "b")]
)
def test_a_source_path_takes_its_plain_form(path: str, plain: str) -> None:
    assert source_path(path) == plain


@pytest.mark.parametrize(
    ("path", "plain"), [("v.yaml", "app/v.yaml"), ("../v.yaml", "v.yaml"), ("/env/v.yaml", "env/v.yaml")]
)
def test_a_reference_is_relative_to_its_folder_or_to_the_root(path: str, plain: str) -> None:
    assert reference("app", path) == plain


@pytest.mark.parametrize(
    "path",
    [
        "../../other/values.yaml",
        "/../etc/passwd",
        "file:///etc/passwd",
        "//etc/passwd",
        "..%2fvalues.yaml",
        "a/../../..",
        "secrets://x",
        "http://canary.example.com/",
        "..\\values.yaml",
        "a\0b",
    ],
)
def test_what_leaves_the_repository_is_refused(path: str) -> None:
    with pytest.raises(Rejected) as refused:
        reference("app", path)
    assert refused.value.reason is Reason.PATH_OUTSIDE_REPOSITORY


@pytest.mark.parametrize(
    ("path", "words"), [("/etc", "/etc: app path is absolute"), ("../x", "../x: app path outside root")]
)
def test_source_paths_are_refused_in_argo_cds_words(path: str, words: str) -> None:
    with pytest.raises(Rejected, match=words):
        source_path(path)


def test_within_means_the_folder_or_below() -> None:
    assert is_within("app", "app")
    assert is_within("app", "app/x")
    assert is_within("", "anything")
    assert not is_within("app", "apple/x")
