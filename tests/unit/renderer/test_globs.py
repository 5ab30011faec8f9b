"""File patterns of directory sources."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.contracts.failures import Rejected
from wavegate.renderer.domain.globs import matches


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("*.yaml", "a.yaml", True),
        ("*.yaml", "sub/a.yaml", True),
        ("**/*.yaml", "sub/a.yaml", True),
        ("*.yaml", "a.yml", False),
        ("?.yaml", "a.yaml", True),
        ("?.yaml", "ab.yaml", False),
        ("[a-c]*", "banana", True),
        ("[!a-c]*", "banana", False),
        ("{a,b,c}.yaml", "b.yaml", True),
        ("{config-*,env-{prod,dev}}.yaml", "env-dev.yaml", True),
        ("{config-*,env-{prod,dev}}.yaml", "env-test.yaml", False),
        (r"a\*.yaml", "a*.yaml", True),
        (r"a\*.yaml", "ab.yaml", False),
        ("", "", True),
        ("", "a", False),
        ("a*b*c", "aXbYbZc", True),
        ("*", "anything/at/all", True),
        ("[]]x", "]x", True),
    ],
)
def test_patterns_fit_as_argo_cd_reads_them(pattern: str, name: str, fits: bool) -> None:
    assert matches(pattern, name) is fits


@pytest.mark.parametrize("pattern", ["[a", "{a,b", "{" * 9 + "}" * 9, "{a,b}" * 8, "a" * 2000])
def test_malformed_and_oversized_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(Rejected):
        matches(pattern, "a")


def test_a_hostile_pattern_costs_no_more_than_pattern_times_name() -> None:
    assert not matches("*a" * 400 + "b", "a" * 4000)


@given(st.text("ab*?", max_size=12), st.text("ab", max_size=12))
def test_stars_and_question_marks_mean_what_the_plain_definition_says(pattern: str, name: str) -> None:
    def plain(p: str, n: str) -> bool:
        if not p:
            return not n
        if p[0] == "*":
            return plain(p[1:], n) or (bool(n) and plain(p, n[1:]))
        return bool(n) and (p[0] in ("?", n[0])) and plain(p[1:], n[1:])

    assert matches(pattern, name) is plain(pattern, name)
