"""Which render counts."""

from wavegate.contracts.references import BundleRef, Commit
from wavegate.syncer.domain import renders
from wavegate.syncer.domain.state import Intent, Render


def commit(seq: int, sha: str = "", ref: str = "main", repository: str = "https://git/a") -> Commit:
    return Commit(repository=repository, ref=ref, seq=seq, sha=sha or f"{seq:040x}")


def render(*commits: Commit, bundle: str = "b", spec: str = "s", reason: str = "push", id_: str = "m") -> Render:
    reference = BundleRef(digest=bundle, size=1)
    return Render(id=id_, commits=commits, spec_digest=spec, bundle=reference, reason=reason)


def intent(*commits: Commit, bundle: str = "b", spec: str = "s") -> Intent:
    reference = BundleRef(digest=bundle, size=1)
    return Intent(number=1, commits=commits, spec_digest=spec, bundle=reference, reason="push")


def test_seq_orders_and_the_sha_does_not() -> None:
    assert renders.is_older([commit(1, "f" * 40)], [commit(2, "a" * 40)])
    assert not renders.is_older([commit(3, "a" * 40)], [commit(2, "b" * 40)])


def test_spellings_of_one_repository_are_one_source() -> None:
    assert renders.is_older([commit(1, repository="git@git:a.git")], [commit(2, repository="https://git/a")])


def test_another_target_revision_says_nothing_about_age() -> None:
    assert not renders.is_older([commit(1, ref="next")], [commit(9)])


def test_of_several_sources_none_may_be_older() -> None:
    newer, older = commit(5), commit(1, repository="https://git/b")
    assert renders.is_older([newer, older], [commit(4), commit(2, repository="https://git/b")])


def test_the_newest_of_the_present_spec_wins() -> None:
    known = render(commit(2), id_="known")
    assert renders.newest([known, render(commit(1))], [], "s") == known
    assert renders.newest([known, render(commit(9), spec="old")], [], "s") == known
    assert renders.newest([render(commit(9), spec="old")], [], "s") is None


def test_one_digest_is_kept_for_the_same_commits_unless_a_refresh_was_asked_for() -> None:
    first = render(commit(1), bundle="x", id_="1")
    again = render(commit(1), bundle="y", id_="2")
    asked = render(commit(1), bundle="y", id_="3", reason="refresh")
    assert renders.newest([first, again], [], "s") == first
    assert renders.newest([first, asked], [], "s") == asked


def test_unaffected_means_the_same_objects_from_newer_commits() -> None:
    assert renders.is_unaffected(render(commit(2)), intent(commit(1)))
    assert not renders.is_unaffected(render(commit(1)), intent(commit(1)))
    assert not renders.is_unaffected(render(commit(2), bundle="c"), intent(commit(1)))
    assert not renders.is_unaffected(render(commit(2)), None)


def test_a_revert_is_not_attempted_although_its_objects_were_applied_before() -> None:
    assert renders.is_attempted(render(commit(1)), intent(commit(1)))
    assert not renders.is_attempted(render(commit(3, sha=f"{1:040x}")), intent(commit(1)))
