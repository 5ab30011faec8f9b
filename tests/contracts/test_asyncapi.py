"""`docs/asyncapi.json` describes the events as they are; write it anew with `python -m wavegate.contracts.asyncapi`."""

from pathlib import Path

from wavegate.contracts import asyncapi
from wavegate.contracts.register import MESSAGES
from wavegate.contracts.routing import BY_TYPE

DOCUMENT = Path(__file__).parents[2] / "docs" / "asyncapi.json"


def test_the_description_is_current() -> None:
    assert asyncapi.text() == DOCUMENT.read_text()


def test_every_public_event_has_a_channel_and_no_command_has() -> None:
    public = {message.name() for type_, message in MESSAGES.items() if BY_TYPE[type_].public}

    assert set(asyncapi.document()["channels"]) == public
