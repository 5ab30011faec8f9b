"""Durations mean what they mean to Go and to Argo."""

from datetime import timedelta

import pytest

from wavegate.argo import durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("-0", 0),
        ("5s", 5),
        ("+5s", 5),
        ("-5s", -5),
        ("1h30m", 5400),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("1.s", 1),
        ("300ms", 0.3),
        ("1us", 0.000001),
        ("1µs", 0.000001),
        ("1μs", 0.000001),
        ("999ns", 0),
        ("30m1h", 5400),
        ("1s1s", 2),
        ("2562047h", 2562047 * 3600),
    ],
)
def test_go_durations(text, seconds):
    assert durations.parse(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "s",
        "5 s",
        "5S",
        "1d",
        "1h-30m",
        "--1s",
        ".s",
        "1..5s",
        "٣s",
        "5s ",
        "\n5s",
        "2562048h",
        "1e3s",
        "+",
        "-",
    ],
)
def test_what_go_refuses(text):
    with pytest.raises(ValueError, match="invalid duration"):
        durations.parse(text)


@pytest.mark.parametrize(("text", "seconds"), [("5", 5), ("-3", -3), ("5s", 5), ("3m", 180), ("0", 0)])
def test_bare_numbers_are_seconds_in_a_backoff(text, seconds):
    assert durations.parse_or_seconds(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("duration", "seconds"), [(30, 30), ("30", 30), ("10m", 600), ("1.9s", 1), ("900ms", 0), (0, 0), ("0", 0)]
)
def test_a_pause_counts_whole_seconds(duration, seconds):
    assert durations.pause(duration) == timedelta(seconds=seconds)


@pytest.mark.parametrize("duration", ["-1s", -1, "soon", "", "9" * 40, "1.5"])
def test_a_pause_that_is_no_duration_is_refused(duration):
    with pytest.raises(ValueError, match="invalid duration"):
        durations.pause(duration)
