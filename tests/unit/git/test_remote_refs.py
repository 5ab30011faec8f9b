"""What `git ls-remote --symref` prints."""

import pytest

from wavegate.contracts.failures import RetryLater
from wavegate.git.remote_refs import parse

A, B, C = "a" * 40, "b" * 40, "c" * 40


def test_branches_tags_and_head_are_read_and_annotated_tags_stand_for_their_commit() -> None:
    output = f"ref: refs/heads/main\tHEAD\n{A}\tHEAD\n{A}\trefs/heads/main\n{B}\trefs/tags/v1\n{C}\trefs/tags/v1^{{}}\n"
    remote = parse(output.encode())

    assert remote.head == "refs/heads/main"
    assert remote.refs == {"HEAD": A, "refs/heads/main": A, "refs/tags/v1": C}


@pytest.mark.parametrize("junk", [b"", b"\n\n", b"warning: x\n", b"\xff\xfe\t\n", b"short\trefs/heads/x\n", b"\t\t\t"])
def test_what_is_no_ref_is_passed_over(junk: bytes) -> None:
    assert parse(junk).refs == {}


def test_too_many_refs_are_the_servers_fault() -> None:
    with pytest.raises(RetryLater):
        parse("".join(f"{A}\trefs/heads/{n}\n" for n in range(11)).encode(), limit=10)
