"""What a targetRevision means."""

import pytest

from wavegate.contracts.reasons import Reason
from wavegate.git_watcher.domain.targets import Resolved, Unresolved, is_commit, resolve, target_of

A, B, C, D = ("a" * 40, "b" * 40, "c" * 40, "d" * 40)
REFS = {"HEAD": A, "refs/heads/main": A, "refs/heads/feature/x": B, "refs/tags/v1": C, "refs/tags/main": D}


@pytest.mark.shows(
    "`targetRevision`: branch, tag, full ref, `HEAD`, commit id", "works", "all 40 digits of a commit id"
)
@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("HEAD", Resolved("HEAD", A)),
        ("main", Resolved("refs/heads/main", A)),
        ("feature/x", Resolved("refs/heads/feature/x", B)),
        ("v1", Resolved("refs/tags/v1", C)),
        ("refs/tags/main", Resolved("refs/tags/main", D)),
        ("heads/main", Resolved("refs/heads/main", A)),
        ("E" * 40, Resolved("e" * 40, "e" * 40)),
    ],
)
def test_branch_tag_head_full_ref_and_commit_id_are_understood(target: str, found: Resolved) -> None:
    assert resolve(target, REFS) == found


@pytest.mark.shows("`targetRevision`: semver range", "refused by name")
@pytest.mark.parametrize("target", ["1.2.*", ">=1.0.0 <2", "~1.2", "^1", "1.x", "*"])
def test_version_ranges_are_refused_by_name(target: str) -> None:
    found = resolve(target, REFS)

    assert isinstance(found, Unresolved)
    assert found.reason is Reason.FEATURE_UNSUPPORTED
    assert "version ranges" in found.message


def test_shortened_commit_ids_are_refused_by_name() -> None:
    found = resolve("abc1234", REFS)

    assert isinstance(found, Unresolved)
    assert found.reason is Reason.FEATURE_UNSUPPORTED


def test_a_branch_whose_name_looks_like_a_commit_id_is_a_branch() -> None:
    assert resolve("abc1234", {"refs/heads/abc1234": B}) == Resolved("refs/heads/abc1234", B)


def test_an_unknown_ref_has_argo_cds_text() -> None:
    assert resolve("gone", REFS) == Unresolved(Reason.REF_MISSING, "unable to resolve 'gone' to a commit SHA")


def test_no_target_means_head() -> None:
    assert [target_of(None), target_of(""), target_of("main")] == ["HEAD", "HEAD", "main"]
    assert is_commit(A)
    assert not is_commit("main")
