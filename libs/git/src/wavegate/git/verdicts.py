"""What Git says when it fails, as a failure that says what to do next."""

import re

from wavegate.contracts.failures import Failure, RetryLater
from wavegate.contracts.reasons import Reason

MESSAGE_LIMIT = 500

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")
_TOKEN = re.compile(r"(?i)\b(authorization|bearer|basic|token|password|passwd|secret)\b[=: ]+\S+")
_NOTED = re.compile(r"(?m)^(?:fatal|error|remote|ERROR): ?(.*)$")

_MISSING = (
    r"not our ref|unadvertised object|couldn't find remote ref|no such remote ref|not a valid object"
    r"|remote did not send all necessary objects"
)
_FORBIDDEN = (
    r"authentication failed|could not read (username|password)|terminal prompts disabled|permission denied"
    r"|host key verification failed|returned error: 40[13]|access denied|unable to read askpass"
)
_UNREACHABLE = (
    r"could not resolve host|failed to connect|couldn't connect|connection (refused|timed out|reset|closed)"
    r"|network is unreachable|no route to host|not found|does not appear to be a git repository|returned error: (5|404)"
    r"|operation too slow|ssl|certificate|empty reply|could not read from remote"
)
_VERDICTS: tuple[tuple[re.Pattern[str], Reason, float], ...] = (
    (re.compile(_MISSING, re.IGNORECASE), Reason.REVISION_MISSING, 2.0),
    (re.compile(_FORBIDDEN, re.IGNORECASE), Reason.REPOSITORY_FORBIDDEN, 30.0),
    (re.compile(r"transport '\w+' not allowed", re.IGNORECASE), Reason.REPOSITORY_SCHEME_REFUSED, 30.0),
    (re.compile(_UNREACHABLE, re.IGNORECASE), Reason.REPOSITORY_UNREACHABLE, 5.0),
)
_ADVICE = {Reason.REPOSITORY_FORBIDDEN: " (credentials from repository Secrets are not supported yet)"}


def verdict(said: str, status: int) -> Failure:
    """Return the failure that Git's words on standard error mean."""
    message = summary(said) or f"git ended with status {status}"
    for pattern, reason, delay in _VERDICTS:
        if pattern.search(said):
            return RetryLater(reason, message + _ADVICE.get(reason, ""), delay)
    return RetryLater(Reason.GIT_SERVER_FAULT, message, 10.0)


def summary(said: str) -> str:
    """Return Git's own words in one line, bounded, without credentials."""
    lines = _NOTED.findall(said) or [line for line in said.splitlines() if line.strip()]
    text = "; ".join(line.strip() for line in lines if line.strip())
    printable = "".join(c if c.isprintable() else " " for c in text)
    return masked(printable)[:MESSAGE_LIMIT]


def masked(text: str) -> str:
    """Return `text` without what may be a credential: users in addresses, tokens after their name."""
    return _TOKEN.sub(lambda match: f"{match[1]} ***", _CREDENTIALS.sub("***@", text))
