"""Tree objects as Git stores them."""

from wavegate.git.objects import parse_tree


def test_entries_are_read_with_mode_name_and_id() -> None:
    content = (
        b"100644 a.yaml\0" + bytes(range(20)) + b"40000 dir with space\0" + b"\xff" * 20 + b"120000 l\0" + b"\0" * 20
    )

    assert parse_tree(content) == (
        (0o100644, "a.yaml", bytes(range(20)).hex()),
        (0o040000, "dir with space", "ff" * 20),
        (0o120000, "l", "00" * 20),
    )


def test_an_empty_tree_has_no_entries() -> None:
    assert parse_tree(b"") == ()
