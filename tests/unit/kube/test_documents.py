"""Bodies of server-side applies survive a YAML 1.1 reader."""

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from wavegate.kube.documents import apply_document


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("\x85\u2028\u2029\x7f\ufeff🚀 \\ud83d\\ude80 \\\\ud83d")
def test_every_text_is_the_same_to_a_yaml_reader(text):
    assert yaml.safe_load(apply_document({"a": {text[:50]: text}}).decode()) == {"a": {text[:50]: text}}


def test_no_raw_line_break_of_yaml_is_left():
    body = apply_document({"a": "\x85\u2028\u2029\x7f🚀"}).decode()
    assert body == '{"a":"\\u0085\\u2028\\u2029\\u007f🚀"}'


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        apply_document({"a": float("nan")})
