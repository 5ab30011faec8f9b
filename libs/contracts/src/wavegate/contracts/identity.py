"""How things are named: digests, repository ids, event ids, trace ids, partitions.

Every id is derived, never random: whoever computes it twice gets the same one, so that a repetition is recognised
wherever it happens (architecture §2, event id).
"""

import hashlib
import json
import re
from typing import Any

PARTITIONS = 64

_SCP_ADDRESS = re.compile(r"^(?:[^@/]+@)?(?P<host>[^:/]+):(?P<path>(?!//).+)$")
_USER_IN_URL = re.compile(r"^(?P<scheme>[a-z][a-z0-9+.-]*://)(?P<user>[^/]*)@", re.IGNORECASE)
_PASSWORD_IN_SCP_ADDRESS = re.compile(r"^(?P<user>[^@/:]+):[^@/]*@")
_URL = re.compile(r"^(?P<scheme>[a-z][a-z0-9+.-]*)://(?:[^@/]*@)?(?P<rest>.+)$", re.IGNORECASE)


def canonical_json(value: Any) -> bytes:
    """Return the one byte form of a JSON value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(value: Any) -> str:
    """Return the SHA-256 (hex) of a JSON value's canonical form."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def normalised_repository(url: str) -> str:
    """Return the form of a repository address under which spellings of one repository meet.

    User, `.git`, trailing slashes and case of the host are dropped; `git@host:path` and `ssh://git@host/path` meet.
    The scheme stays for http and https apart from ssh only where a port makes them differ: it is dropped.
    """
    text = url.strip()
    if match := _URL.match(text):
        rest = match["rest"]
    elif match := _SCP_ADDRESS.match(text):
        rest = f"{match['host']}/{match['path']}"
    else:
        rest = text
    host, _, path = rest.partition("/")
    return f"{host.lower()}/{path.strip('/').removesuffix('.git')}"


def plain_address(url: str) -> str:
    """Return a repository address as it may be shown and stored: without password, for http and https without user too.

    A user name there is as often a token. For ssh it says whom to log in as, and stays.
    """
    match = _USER_IN_URL.match(url)
    if match is None:
        return _PASSWORD_IN_SCP_ADDRESS.sub(r"\g<user>@", url)
    user = match["user"].partition(":")[0] if match["scheme"].lower() == "ssh://" else ""
    return f"{match['scheme']}{f'{user}@' if user else ''}{url[match.end() :]}"


def holds_password(url: str) -> bool:
    """Return whether a repository address holds a password beside its user."""
    match = _USER_IN_URL.match(url)
    return ":" in match["user"] if match else _PASSWORD_IN_SCP_ADDRESS.match(url) is not None


def repository_id(url: str) -> str:
    """Return the 12 hex digits that stand for a repository in subjects and object names (architecture §9)."""
    return hashlib.sha256(normalised_repository(url).encode()).hexdigest()[:12]


def event_id(type_: str, object_uid: str, occurrence: str) -> str:
    """Return an event's id = hash(type, object uid, occurrence) (architecture §2)."""
    return hashlib.sha256(f"{type_}\x00{object_uid}\x00{occurrence}".encode()).hexdigest()[:32]


def trace_id(repository: str, ref: str, seq: int) -> str:
    """Return the W3C trace id of a commit: 32 hex digits from (repository, ref, seq) (architecture §9)."""
    return hashlib.sha256(f"{normalised_repository(repository)}\x00{ref}\x00{seq}".encode()).hexdigest()[:32]


def traceparent(trace: str, parent: str) -> str:
    """Return a W3C `traceparent` for a 32-hex trace id whose parent span is derived from any string."""
    return f"00-{trace}-{hashlib.sha256(parent.encode()).hexdigest()[:16]}-01"


def partition(key: str) -> int:
    """Return the partition (0 to 63) that a work key belongs to (architecture §4)."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % PARTITIONS
