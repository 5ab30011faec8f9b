"""GitHub's webhook bodies: authentic or not, readable or not; hostile ones never raise."""

import hashlib
import hmac
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from wavegate.git_watcher.domain.pushes import Ping, Push, Unreadable, Unrelated, comparable, is_authentic, read

SECRET = b"correct horse battery staple"
GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "github-push.json").read_text())
KINDS = (Push, Ping, Unrelated, Unreadable)


def signed(body: bytes, secret: bytes = SECRET, algorithm: str = "sha256") -> str:
    return f"{algorithm}={hmac.new(secret, body, algorithm).hexdigest()}"


def test_a_push_says_where_to_look() -> None:
    push = read("push", json.dumps(GOLDEN).encode())

    assert push == Push(
        repositories=frozenset({"github.com/example/models"}),
        ref="refs/heads/main",
        after="5c64b1f2d3e4a5968778695a4b3c2d1e0f9a8b7c",
        forced=False,
    )


def test_ping_and_other_events_ask_for_nothing() -> None:
    assert read("ping", b"{}") == Ping()
    assert read("pull_request", json.dumps(GOLDEN).encode()) == Unrelated()
    assert read("", b"") == Unrelated()


def test_a_deleted_ref_has_no_tip() -> None:
    push = read("push", json.dumps({**GOLDEN, "after": "0" * 40, "deleted": True}).encode())

    assert isinstance(push, Push)
    assert push.after == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/Example/Models",
        "https://github.com/example/models.git",
        "https://user@github.com/example/models/",
        "git@github.com:example/models.git",
        "ssh://git@github.com/example/models",
        "git://github.com/example/models.git",
    ],
)
def test_spellings_of_one_repository_meet(url: str) -> None:
    assert comparable(url) == "github.com/example/models"


BODY = b'{"ref": "refs/heads/main"}'


def test_the_signature_of_the_raw_body_is_authentic() -> None:
    assert is_authentic(SECRET, BODY, [signed(BODY)])


@pytest.mark.parametrize(
    "signatures",
    [
        [],
        [""],
        ["sha256="],
        [signed(BODY)[:-1]],
        [signed(BODY).upper()],
        [signed(BODY).replace("sha256=", "")],
        [signed(BODY, b"other")],
        [signed(BODY, b"")],
        [signed(BODY, algorithm="sha1")],
        [signed(json.dumps(json.loads(BODY)).encode() + b" ")],
        [signed(BODY), signed(BODY)],
        ["sha256=" + "é" * 64],
    ],
)
def test_anything_else_is_not(signatures: list[str]) -> None:
    assert not is_authentic(SECRET, BODY, signatures)


def test_an_empty_secret_authenticates_nothing() -> None:
    assert not is_authentic(b"", BODY, ["sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()])


def mutations(value: Any) -> list[Any]:
    """Every single deletion, null, retype and emptying of a node."""
    found: list[Any] = []

    def walk(node: Any, rebuild: Any) -> None:
        found.extend(rebuild(new) for new in (None, [], {}, "", 0, -1, True, "\x00", "a" * 5000))
        for key in list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
            found.append(rebuild(_without(node, key)))
            walk(node[key], lambda new, key=key: rebuild(_with(node, key, new)))

    walk(value, lambda new: new)
    return found


def _with(node: Any, key: Any, new: Any) -> Any:
    copy = deepcopy(node)
    copy[key] = new
    return copy


def _without(node: Any, key: Any) -> Any:
    copy = deepcopy(node)
    del copy[key]
    return copy


def test_no_mutation_of_a_golden_body_raises() -> None:
    answers = [read("push", json.dumps(body).encode()) for body in mutations(GOLDEN)]

    assert len(answers) > 500
    assert all(isinstance(answer, KINDS) for answer in answers)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"nope",
        b'"text"',
        b"1e999",
        b"NaN",
        b"{}" * 3,
        b"\x00" * 99,
    ],
)
def test_bodies_that_are_no_json_object_are_unreadable(body: bytes) -> None:
    assert isinstance(read("push", body), Unreadable)
