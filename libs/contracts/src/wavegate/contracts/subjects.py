"""Subjects on the bus (architecture §9): `wavegate.<area>.<object>.<object>.<Event>`, one token each."""

from urllib.parse import unquote

from wavegate.contracts.events import Message
from wavegate.contracts.identity import partition

_EMPTY = "%00"
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


def encode_token(text: str) -> str:
    """Percent-encode all but `[A-Za-z0-9_-]`, so that any name is one subject token. Empty becomes `%00`."""
    if not text:
        return _EMPTY
    return "".join(c if c in _PLAIN else "".join(f"%{b:02X}" for b in c.encode()) for c in text)


def decode_token(token: str) -> str:
    """Undo `encode_token`."""
    return "" if token == _EMPTY else unquote(token)


def event_subject(message: Message) -> str:
    """Return the public subject of an event."""
    first, second = message.subject_tokens
    return f"wavegate.{message.AREA}.{encode_token(first)}.{encode_token(second)}.{message.name()}"


def work_subject(service: str, message: Message) -> str:
    """Return the internal subject that carries a message to one service; the key decides the partition."""
    return f"wavegate.work.{service}.{partition(message.work_key)}.{message.name()}"
