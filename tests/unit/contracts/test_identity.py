import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.contracts import identity, subjects


@pytest.mark.parametrize(
    "spelling",
    [
        "https://github.com/acme/models.git",
        "https://github.com/acme/models",
        "https://GitHub.com/acme/models/",
        "https://user:token@github.com/acme/models.git",
        "git@github.com:acme/models.git",
        "ssh://git@github.com/acme/models",
    ],
)
def test_spellings_of_one_repository_meet(spelling: str) -> None:
    assert identity.normalised_repository(spelling) == "github.com/acme/models"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("https://user:CANARY@github.com/acme/models.git", "https://github.com/acme/models.git"),
        ("HTTPS://CANARY@github.com/acme/models.git", "HTTPS://github.com/acme/models.git"),
        ("https://user:CAN@ARY@github.com/acme", "https://github.com/acme"),
        ("ssh://git:CANARY@github.com/acme/models", "ssh://git@github.com/acme/models"),
        ("git:CANARY@github.com:acme/models", "git@github.com:acme/models"),
        ("ssh://git@github.com/acme/models", "ssh://git@github.com/acme/models"),
        ("git@github.com:acme/models.git", "git@github.com:acme/models.git"),
        ("https://github.com/acme/at@sign", "https://github.com/acme/at@sign"),
        ("", ""),
    ],
)
def test_a_shown_address_holds_no_credentials_and_means_the_same_repository(given: str, shown: str) -> None:
    assert identity.plain_address(given) == shown
    assert identity.holds_password(given) == (":CAN" in given)


def test_paths_keep_their_case_and_ports_tell_repositories_apart() -> None:
    assert identity.repository_id("https://git.acme.io/A") != identity.repository_id("https://git.acme.io/a")
    assert identity.repository_id("http://127.0.0.1:1/r.git") != identity.repository_id("http://127.0.0.1:2/r.git")


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert identity.digest({"a": 1, "b": [2]}) == identity.digest({"b": [2], "a": 1})


def test_an_id_needs_every_part() -> None:
    one = identity.event_id("t", "u", "o")

    assert (
        len(
            {
                one,
                identity.event_id("t2", "u", "o"),
                identity.event_id("t", "u2", "o"),
                identity.event_id("t", "u", "o2"),
            }
        )
        == 4
    )


def test_traceparents_are_valid_w3c() -> None:
    parent = identity.traceparent(identity.trace_id("https://x/y", "main", 1), "event")
    version, trace, span, flags = parent.split("-")

    assert (version, len(trace), len(span), flags) == ("00", 32, 16, "01")


@given(st.text(max_size=40))
def test_any_name_is_one_subject_token_and_comes_back(name: str) -> None:
    token = subjects.encode_token(name)

    assert token
    assert not set(token) & set(".*> \t\r\n")
    assert name == "\x00" or subjects.decode_token(token) == name


@given(st.text())
def test_every_key_has_one_of_64_partitions(key: str) -> None:
    assert 0 <= identity.partition(key) < identity.PARTITIONS
