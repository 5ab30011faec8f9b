"""What Git's words mean for what to do next."""

import pytest

from wavegate.contracts.reasons import Reason
from wavegate.git.verdicts import MESSAGE_LIMIT, summary, verdict


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("fatal: unable to access 'https://x/': Could not resolve host: x", Reason.REPOSITORY_UNREACHABLE),
        ("fatal: unable to access 'http://x/': Failed to connect to 127.0.0.1 port 4", Reason.REPOSITORY_UNREACHABLE),
        ("fatal: repository 'https://x/y/' not found", Reason.REPOSITORY_UNREACHABLE),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 503", Reason.REPOSITORY_UNREACHABLE),
        ("fatal: unable to access: SSL certificate problem: self signed", Reason.REPOSITORY_UNREACHABLE),
        ("fatal: could not read Username for 'https://x': terminal prompts disabled", Reason.REPOSITORY_FORBIDDEN),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 403", Reason.REPOSITORY_FORBIDDEN),
        ("git@x: Permission denied (publickey).\nfatal: Could not read from remote", Reason.REPOSITORY_FORBIDDEN),
        ("Host key verification failed.\nfatal: Could not read from remote", Reason.REPOSITORY_FORBIDDEN),
        ("fatal: remote error: upload-pack: not our ref " + "1" * 40, Reason.REVISION_MISSING),
        ("error: Server does not allow request for unadvertised object 1111", Reason.REVISION_MISSING),
        ("fatal: transport 'http' not allowed", Reason.REPOSITORY_SCHEME_REFUSED),
        ("fatal: early EOF", Reason.GIT_SERVER_FAULT),
        ("", Reason.GIT_SERVER_FAULT),
    ],
)
def test_each_trouble_has_its_reason(said: str, reason: Reason) -> None:
    assert verdict(said, 128).reason is reason


@pytest.mark.parametrize(
    "said",
    [
        "fatal: unable to access 'https://user:CANARY@host/x': no",
        "remote: Authorization: CANARY is wrong",
        "remote: bad token=CANARY",
        "fatal: password CANARY refused",
    ],
)
def test_credentials_are_masked(said: str) -> None:
    assert "CANARY" not in summary(said)


def test_words_are_bounded_and_printable() -> None:
    text = summary("fatal: " + "x" * 9999 + "\x1b[31m\nremote: more")

    assert len(text) == MESSAGE_LIMIT
    assert text.isprintable()


def test_a_private_repository_says_what_is_not_supported() -> None:
    failed = verdict("fatal: could not read Username for 'https://x': terminal prompts disabled", 128)

    assert "Secrets are not supported yet" in failed.message
