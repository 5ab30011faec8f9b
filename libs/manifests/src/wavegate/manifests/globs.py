"""Globs as gobwas/glob reads them, which is what Argo CD's projects are written in.

`*` any run of characters but separators · `**` any run · `?` one character but a separator · `[abc]`, `[a-z]`, `[!abc]` ·
`{a,b}` alternatives · a backslash takes the next character as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

PATTERN_LIMIT = 1024
"""Longer patterns match nothing: they are nobody's repository."""


def matches(pattern: str, text: str, separators: str = "") -> bool:
    """Say whether the whole of `text` matches. A malformed pattern matches nothing."""
    compiled = _compiled(pattern, separators)
    return compiled is not None and compiled.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _compiled(pattern: str, separators: str) -> re.Pattern[str] | None:
    if len(pattern) > PATTERN_LIMIT:
        return None
    expression = _Reader(pattern, separators).expression()
    try:
        return re.compile(expression, re.DOTALL) if expression is not None else None
    except re.error:
        return None


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str, separators: str) -> None:
        self._rest = list(pattern)
        self._one = f"[^{re.escape(separators)}]" if separators else "."
        self._depth = 0

    def expression(self) -> str | None:
        """Return a regular expression, None when braces or brackets do not close."""
        result: list[str] = []
        while self._rest:
            part = self._next()
            if part is None:
                return None
            result.append(part)
        return "".join(result) if self._depth == 0 else None

    def _next(self) -> str | None:
        character = self._rest.pop(0)
        if character in "{},":
            return self._brace(character)
        readers = {"*": self._run, "?": lambda: self._one, "[": self._class, "\\": self._escaped}
        return readers[character]() if character in readers else re.escape(character)

    def _brace(self, character: str) -> str:
        if character == "{":
            self._depth += 1
            return "(?:"
        if not self._depth:
            return re.escape(character)
        if character == ",":
            return "|"
        self._depth -= 1
        return ")"

    def _escaped(self) -> str | None:
        return re.escape(self._rest.pop(0)) if self._rest else None

    def _run(self) -> str:
        stars = 1
        while self._rest[:1] == ["*"]:
            self._rest.pop(0)
            stars += 1
        return ".*" if stars > 1 else f"{self._one}*"

    def _class(self) -> str | None:
        if "]" not in self._rest:
            return None
        end = self._rest.index("]")
        inside, self._rest = "".join(self._rest[:end]), self._rest[end + 1 :]
        negated = inside.startswith("!")
        members = inside[1:] if negated else inside
        if not members:
            return None
        escaped = re.sub(r"([\\\]\[^&~|])", r"\\\1", members)
        return f"[{'^' if negated else ''}{escaped}]"
