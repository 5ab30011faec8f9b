"""Arguments: where values come from, and that none rewrites a query (reliability.md S61)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.rollout_analyzer.domain.arguments import (
    UnresolvedArgument,
    field_value,
    from_rollout,
    redacted,
    secret_references,
    substituted,
    values,
)
from wavegate.rollout_analyzer.domain.templates import flattened, merged_args

ROLLOUT: dict[str, Any] = {
    "metadata": {"name": "web", "labels": {"app.kubernetes.io/name": "web", "evil": 'x"} or vector(0) #'}},
    "spec": {"template": {"spec": {"containers": [{"image": "registry/web:1.2@sha256:ab"}]}}},
}


def query(text: str, **known: str) -> str:
    metric = {"name": "m", "provider": {"prometheus": {"query": text}}}
    return str(substituted(metric, known)["provider"]["prometheus"]["query"])


def test_a_value_goes_where_its_tag_stands() -> None:
    assert query('rate(x{a="{{args.a}}"}[{{ args.w }}])', a="b", w="5m") == 'rate(x{a="b"}[5m])'
    assert query("{{args.whole}}", whole="sum(up)") == "sum(up)"
    assert substituted({"count": "{{args.n}}", "list": ["{{ args.n }}"], "n": 3}, {"n": "5"}) == {
        "count": "5",
        "list": ["5"],
        "n": 3,
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('x"} or vector(0) #', '{s="x\\"} or vector(0) #"}'),
        ("x\\", '{s="x\\\\"}'),
        ("a\nb", '{s="a\\nb"}'),
        ("it's", '{s="it\'s"}'),
        (r"foo\\.bar|\"q\"", '{s="' + r"foo\\.bar|\"q\"" + '"}'),
    ],
)
def test_a_value_never_leaves_its_string(value: str, expected: str) -> None:
    assert query('{s="{{args.v}}"}', v=value) == expected


def test_what_a_raw_string_cannot_hold_is_refused() -> None:
    with pytest.raises(UnresolvedArgument, match="backtick"):
        query("{s=`{{args.v}}`}", v="a`b")
    assert query("{s=`{{args.v}}`}", v='a"b') == '{s=`a"b`}'


def shape(text: str) -> str:
    """A query with every string's content left out, by PromQL's own rules of quoting."""
    out, quote, at = [], "", 0
    while at < len(text):
        char = text[at]
        if quote:
            if char == "\\" and quote != "`":
                at += 2
                continue
            if char == quote:
                quote = ""
                out.append(char)
        else:
            if char in "\"'`":
                quote = char
            if char == "#":
                return "".join(out) + "#"
            out.append(char)
        at += 1
    return "".join(out) + ("UNCLOSED" if quote else "")


@given(st.text(max_size=40), st.sampled_from(['sum(x{{s="{0}"}}) > 1', "sum(x{{s='{0}'}}) > 1"]))
def test_whatever_the_value_the_query_keeps_its_shape(value: str, frame: str) -> None:
    asked = frame.format("{{args.v}}")
    assert shape(query(asked, v=value)) == shape(frame.format("plain"))


def test_an_unknown_tag_is_named() -> None:
    with pytest.raises(UnresolvedArgument, match=r"failed to resolve {{args\.x}}"):
        query("{{args.x}}")
    with pytest.raises(UnresolvedArgument, match=r"failed to resolve \{\{other\}\}"):
        query("{{other}}", other="1")


def test_values_from_the_rollout() -> None:
    args = (
        {"name": "new", "valueFrom": {"podTemplateHashValue": "Latest"}},
        {"name": "old", "valueFrom": {"podTemplateHashValue": "Stable"}},
        {"name": "image", "valueFrom": {"fieldRef": {"fieldPath": "spec.template.spec.containers[0].image"}}},
        {"name": "app", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app.kubernetes.io/name']"}}},
        {"name": "plain", "value": "x"},
    )
    read = {one["name"]: one["value"] for one in from_rollout(args, ROLLOUT, "n", "s")}
    assert read == {"new": "n", "old": "s", "image": "registry/web:1.2@sha256:ab", "app": "web", "plain": "x"}


@pytest.mark.parametrize("path", ["metadata.labels['evil']", "metadata.nothing", "", "spec", "metadata.labels[0]"])
def test_a_field_that_could_rewrite_a_query_or_is_none_is_refused(path: str) -> None:
    with pytest.raises(UnresolvedArgument):
        field_value(ROLLOUT, path)


def test_secrets_are_found_and_redacted() -> None:
    reference = {"name": "t", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
    assert secret_references([reference, {"name": "a", "value": "b"}]) == {"t": ("s", "k")}
    assert values([reference, {"name": "a", "value": "b"}], {"t": "hidden"}) == {"t": "hidden", "a": "b"}
    assert redacted("it is hidden there", {"t": "hidden"}) == "it is ***** there"
    with pytest.raises(UnresolvedArgument, match="both Value and ValueFrom"):
        secret_references([{**reference, "value": "x"}])


@pytest.mark.shows("Analysis: several templates in one step, arguments with defaults", "works")
def test_templates_are_merged_as_argo_does() -> None:
    metrics, args = flattened(
        [
            {"metrics": [{"name": "a"}], "args": [{"name": "x"}]},
            {"metrics": [{"name": "b"}], "args": [{"name": "x", "value": "1"}]},
        ]
    )
    assert [one["name"] for one in metrics] == ["a", "b"]
    assert args == [{"name": "x", "value": "1"}]
    assert merged_args([{"name": "x", "value": "2"}, {"name": "undeclared", "value": "3"}], args) == [
        {"name": "x", "value": "2"}
    ]
    with pytest.raises(ValueError, match="two metrics have the same name 'a'"):
        flattened([{"metrics": [{"name": "a"}]}, {"metrics": [{"name": "a"}]}])
    with pytest.raises(ValueError, match="different values: '1', '2'"):
        flattened([{"args": [{"name": "x", "value": "1"}]}, {"args": [{"name": "x", "value": "2"}]}])
    with pytest.raises(UnresolvedArgument, match=r"args\.y was not resolved"):
        merged_args([], [{"name": "y"}])
