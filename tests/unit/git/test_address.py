"""Only addresses and refs that are wholly understood reach Git (row S20 of the security table)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason
from wavegate.git.address import checked_sha, is_ref, is_sha, parse


@pytest.mark.shows("Git over https and ssh", "works", "http on loopback, elsewhere by setting")
@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://github.com/org/repo.git", "https://github.com/org/repo.git"),
        ("https://user@dev.azure.com/org/my%20project/_git/repo", "https://dev.azure.com/org/my%20project/_git/repo"),
        ("https://git.example.com:8443/a/b/c", "https://git.example.com:8443/a/b/c"),
        ("git@github.com:org/repo.git", "ssh://git@github.com/org/repo.git"),
        ("ssh://git@git.example.com:2222/~team/repo", "ssh://git@git.example.com:2222/~team/repo"),
        ("http://127.0.0.1:3999/repo.git", "http://127.0.0.1:3999/repo.git"),
        ("http://localhost/repo", "http://localhost/repo"),
        ("http://[::1]:80/repo", "http://[::1]:80/repo"),
    ],
)
def test_https_ssh_and_loopback_http_are_allowed(text: str, url: str) -> None:
    assert parse(text).url == url


def test_http_elsewhere_needs_the_setting() -> None:
    with pytest.raises(Rejected) as refused:
        parse("http://git.example.com/repo")
    assert refused.value.reason is Reason.REPOSITORY_SCHEME_REFUSED
    assert parse("http://git.example.com/repo", allow_http=True).scheme == "http"


@pytest.mark.shows("`file://`, `git://`, `ext::` and other Git transports", "refused by name")
@pytest.mark.parametrize(
    "text",
    [
        "file:///etc",
        "file://localhost/etc/passwd",
        "ext::sh -c 'touch /tmp/p'",
        "git://github.com/org/repo",
        "ftp://example.com/repo",
        "fd::17",
        "gopher://example.com/x",
        "FILE:///etc",
        "oci://ghcr.io/org/chart",
    ],
)
def test_other_schemes_are_refused_by_name(text: str) -> None:
    with pytest.raises(Rejected) as refused:
        parse(text, allow_http=True)
    assert refused.value.reason is Reason.REPOSITORY_SCHEME_REFUSED


HOSTILE = [
    "https://github.com/acme/../evil/repo.git",
    "https://github.com/acme/..",
    "https://github.com/acme/./repo",
    "https://github.com/acme/%2e%2E/evil/repo.git",
    "https://github.com/%61cme/repo",
    "git@github.com:acme/../evil/repo",
    "git@github.com:../evil/repo",
    "--upload-pack=touch /tmp/p",
    "-oProxyCommand=x",
    "ssh://-oProxyCommand=touch%20p/x",
    "ssh://git@-oProxyCommand=x/y",
    "ssh://-x@host/y",
    "-x@host:path",
    "git@-host:path",
    "git@host:-path",
    "ssh://git@host/-path",
    "/etc/passwd",
    "./repo",
    "../repo",
    "~/repo",
    "repo",
    "",
    "https://",
    "https:///path",
    "https://host",
    "https://host/",
    "https://host/a\nb",
    "https://host/a\rb",
    "https://host/a\0b",
    "https://host/a\tb",
    "https://host/a%0ab",
    "https://host/a%00b",
    "https://host/..%2f..%2fb",
    "https://host/%zz",
    "https://ho st/a",
    "https://host/a?x=1",
    "https://host/a#x",
    "https://host\\evil/a",
    "https://host/a;b",
    "https://host/$(x)",
    "https://host/`x`",
    "https://hóst/a",
    "https://host/" + "a" * 3000,
    "host::path",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_and_malformed_addresses_are_refused(text: str) -> None:
    with pytest.raises(Rejected):
        parse(text, allow_http=True)


@pytest.mark.parametrize("text", ["https://user:CANARY@host/repo", "https://:CANARY@host/repo", "ssh://u:CANARY@h/r"])
def test_a_password_in_an_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(Rejected) as refused:
        parse(text)
    assert "CANARY" not in str(refused.value)


@given(st.text(max_size=60))
def test_whatever_is_let_through_is_one_plain_word_with_a_known_scheme(text: str) -> None:
    try:
        url = parse(text, allow_http=True).url
    except Rejected:
        return
    assert url.startswith(("https://", "http://", "ssh://"))
    assert url.isascii()
    assert url.isprintable()
    assert " " not in url


@pytest.mark.parametrize("ref", ["main", "feature/x", "v1.2.3", "refs/heads/main", "release-2026", "a@b", "größe"])
def test_ordinary_refs_are_refs(ref: str) -> None:
    assert is_ref(ref)


REFUSED_REFS = [
    "--output=x",
    "-x",
    "a..b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "@{u}",
    "a//b",
    "/a",
    "a/",
    "a.",
    "a.lock",
    "a/.b",
    ".a",
    "a.lock/b",
    "$(x)",
    "`x`",
    "a;b",
]


@pytest.mark.parametrize("ref", ["", "a b", "a\nb", "a\0b", "a" * 300, *REFUSED_REFS])
def test_what_git_or_a_shell_could_misread_is_no_ref(ref: str) -> None:
    assert not is_ref(ref)


def test_only_full_lower_case_commit_ids_are_commit_ids() -> None:
    assert is_sha("a" * 40)
    assert not any(map(is_sha, ["a" * 39, "A" * 40, "a" * 41, "g" * 40, "a" * 39 + "\n", "--" + "a" * 38]))
    with pytest.raises(Rejected):
        checked_sha("HEAD")
