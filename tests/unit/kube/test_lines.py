"""Lines come whole, however the stream is cut, and never too long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.kube.lines import LineSplitter, LineTooLong


@given(st.lists(st.binary(min_size=1, max_size=8).filter(lambda line: b"\n" not in line and line.strip())), st.data())
def test_lines_do_not_depend_on_how_the_stream_is_cut(lines, data):
    stream = b"".join(line + b"\n" for line in lines)
    splitter, found = LineSplitter(8), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        found += splitter.feed(stream[:size])
        stream = stream[size:]
    assert found == lines


def test_a_line_over_the_bound_is_refused_before_it_ends():
    splitter = LineSplitter(4)
    assert list(splitter.feed(b"1234\n12")) == [b"1234"]
    with pytest.raises(LineTooLong):
        list(splitter.feed(b"345"))


def test_empty_lines_and_an_unfinished_one_are_passed_over():
    assert list(LineSplitter(9).feed(b"\n\r\na\n\nrest")) == [b"a"]
