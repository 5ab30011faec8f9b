"""Repository addresses and refs, held against an allow-list before Git ever sees them.

An address is refused unless every part of it is one that we know: no option can hide in it, no helper (`ext::`), no local
path, no credentials, no control character however encoded. Sources: CVE-2017-1000117, CVE-2020-5260, CVE-2018-17456.
"""

import ipaddress
import re
from dataclasses import dataclass

from wavegate.contracts.failures import Rejected
from wavegate.contracts.identity import repository_id
from wavegate.contracts.reasons import Reason

LENGTH_LIMIT = 2048
REF_LENGTH_LIMIT = 255

_HOST = r"(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
_USER = r"[A-Za-z0-9_][A-Za-z0-9._-]*"
_PATH = r"(?P<path>[A-Za-z0-9~_.%+][A-Za-z0-9~_.%+/@,=() -]*)"
_URL = re.compile(rf"(?P<scheme>https?|ssh)://(?:(?P<user>{_USER})@)?{_HOST}(?::(?P<port>[0-9]{{1,5}}))?/{_PATH}")
_SCP = re.compile(rf"(?P<user>{_USER})@{_HOST}:/?{_PATH}")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)(?:://|::)")
_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/@]*:[^/]*@")
_ENCODED_CONTROL = re.compile(r"%(?:[01][0-9A-Fa-f]|7[Ff]|[2][Ff])|%(?![0-9A-Fa-f]{2})")
# A project's rules are held against the address as written: what means another one to the server must not pass there.
_DOTS = re.compile(r"(?:^|/)\.{1,2}(?=/|$)")
_ENCODED_NEEDLESSLY = re.compile(r"%(?:2[DEde]|3[0-9]|4[1-9A-Fa-f]|5[0-9AFaf]|6[1-9A-Fa-f]|7[0-9AEae])")
_SHA = re.compile(r"[0-9a-f]{40}")
_REF = re.compile(r"(?![-/.])(?!.*(?:\.\.|@\{|//|/\.|\.lock(?:/|$)))[^\x00-\x20\x7f~^:?*\[\\\"'`$;|&<>]+(?<![/.])")


@dataclass(frozen=True, slots=True)
class RepositoryAddress:
    """An address that may be handed to Git: `url` has a known scheme and no password in it."""

    url: str
    scheme: str
    host: str

    @property
    def id(self) -> str:
        """Return the repository's 12-hex id."""
        return repository_id(self.url)


def parse(text: str, *, allow_http: bool = False) -> RepositoryAddress:
    """Read a repository address as an Application gives it.

    https and ssh (also as `user@host:path`) are allowed; http only on loopback, or everywhere with `allow_http`.

    Raises:
        Rejected: REPOSITORY_SCHEME_REFUSED, or INVALID_SPEC for what is no address. Messages hold no credentials.
    """
    if len(text) > LENGTH_LIMIT:
        raise Rejected(Reason.INVALID_SPEC, f"the repository address is longer than {LENGTH_LIMIT} characters")
    if _PASSWORD.match(text):
        raise Rejected(Reason.INVALID_SPEC, "a repository address must not hold a password or token")
    match = _URL.fullmatch(text) or _SCP.fullmatch(text)
    if match is None or any(sign.search(match["path"]) for sign in (_ENCODED_CONTROL, _ENCODED_NEEDLESSLY, _DOTS)):
        raise _refused(text)
    scheme = match.groupdict().get("scheme") or "ssh"
    address = RepositoryAddress(_url(match, scheme), scheme, match["host"].strip("[]").lower())
    if scheme == "http" and not (allow_http or is_loopback(address.host)):
        raise Rejected(Reason.REPOSITORY_SCHEME_REFUSED, f"http is allowed on loopback only: {text}")
    return address


def _url(match: re.Match[str], scheme: str) -> str:
    """Return the address in URL form; the user name counts for ssh alone."""
    port = match.groupdict().get("port")
    user = f"{match['user']}@" if scheme == "ssh" and match["user"] else ""
    path = match["path"].replace(" ", "%20")
    return f"{scheme}://{user}{match['host']}{f':{port}' if port else ''}/{path}"


def _refused(text: str) -> Rejected:
    scheme = _SCHEME.match(text)
    if scheme and scheme[1].lower() not in ("https", "http", "ssh"):
        return Rejected(
            Reason.REPOSITORY_SCHEME_REFUSED, f"repositories are reached by https or ssh, not by {scheme[1].lower()}"
        )
    return Rejected(
        Reason.INVALID_SPEC, "not a repository address that is understood: https://…, ssh://… or user@host:path"
    )


def is_loopback(host: str) -> bool:
    """Return whether a host of an address is this machine, by its form alone: no name is resolved."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_sha(text: str) -> bool:
    """Return whether `text` is a full commit id (40 lower-case hex digits)."""
    return _SHA.fullmatch(text) is not None


def checked_sha(text: str) -> str:
    """Return a full commit id.

    Raises:
        Rejected: INVALID_SPEC.
    """
    if not is_sha(text):
        raise Rejected(Reason.INVALID_SPEC, f"{text[:64]!r} is not a full commit id")
    return text


def is_ref(text: str) -> bool:
    """Return whether `text` may name a branch, tag or ref: `git check-ref-format`, less what a shell or option could read."""
    return len(text) <= REF_LENGTH_LIMIT and _REF.fullmatch(text) is not None
