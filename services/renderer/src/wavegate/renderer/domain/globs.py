"""File patterns as Argo CD reads them (gobwas/glob without separators: `*` passes over `/`).

Matched without regular expressions, in time proportional to pattern × name, so that no pattern can burn the processor.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from wavegate.contracts.failures import Rejected
from wavegate.contracts.reasons import Reason

PATTERN_LIMIT = 1024
ALTERNATIVES_LIMIT = 64


@dataclass(frozen=True, slots=True)
class _One:
    """One character: any of `characters`, or any but these; empty and `but` means any at all."""

    characters: str = ""
    ranges: tuple[tuple[str, str], ...] = ()
    but: bool = False

    def fits(self, character: str) -> bool:
        within = character in self.characters or any(low <= character <= high for low, high in self.ranges)
        return within is not self.but


_MANY = None
_Pattern = list[_One | None]


def matches(pattern: str, name: str) -> bool:
    r"""Return whether a name fits a pattern: `*`, `**`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`, `\` before a character.

    Raises:
        Rejected: INVALID_SPEC for a pattern that is malformed or larger than what is read.
    """
    if len(pattern) > PATTERN_LIMIT:
        raise Rejected(Reason.INVALID_SPEC, f"a file pattern is longer than {PATTERN_LIMIT} characters")
    alternatives = list(_alternatives(pattern))
    return any(_fits(_compiled(one), name) for one in alternatives)


def _alternatives(pattern: str, depth: int = 0) -> Iterator[str]:
    """Write out `{a,b}`, innermost last."""
    opening = _position(pattern, "{", 0)
    if opening is None:
        yield pattern
        return
    closing = _closing(pattern, opening)
    if closing is None or depth > 4:
        raise Rejected(Reason.INVALID_SPEC, f"file pattern {pattern!r}: braces do not match, or are nested too deep")
    parts = _split(pattern[opening + 1 : closing])
    count = 0
    for part in parts:
        for one in _alternatives(pattern[:opening] + part + pattern[closing + 1 :], depth + 1):
            count += 1
            if count > ALTERNATIVES_LIMIT:
                raise Rejected(Reason.INVALID_SPEC, f"file pattern {pattern!r} has too many alternatives")
            yield one


def _position(pattern: str, wanted: str, start: int) -> int | None:
    escaped = False
    for index in range(start, len(pattern)):
        if not escaped and pattern[index] == wanted:
            return index
        escaped = pattern[index] == "\\" and not escaped
    return None


def _closing(pattern: str, opening: int) -> int | None:
    depth = 0
    for index in range(opening, len(pattern)):
        depth += {"{": 1, "}": -1}.get(pattern[index], 0)
        if depth == 0:
            return index
    return None


def _split(inner: str) -> list[str]:
    parts, depth = [""], 0
    for character in inner:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _compiled(pattern: str) -> _Pattern:
    compiled: _Pattern = []
    index = 0
    while index < len(pattern):
        character = pattern[index]
        if character == "*":
            if not compiled or compiled[-1] is not _MANY:
                compiled.append(_MANY)
        elif character == "?":
            compiled.append(_One(but=True))
        elif character == "[":
            end = _position(pattern, "]", index + 2)
            if end is None:
                raise Rejected(Reason.INVALID_SPEC, f"file pattern {pattern!r}: a [ without its ]")
            compiled.append(_set(pattern[index + 1 : end]))
            index = end
        else:
            index += character == "\\" and index + 1 < len(pattern)
            compiled.append(_One(pattern[index]))
        index += 1
    return compiled


def _set(inner: str) -> _One:
    but = inner.startswith(("!", "^"))
    body = inner[1:] if but else inner
    ranges: list[tuple[str, str]] = []
    singles = ""
    while body:
        if len(body) > 2 and body[1] == "-":
            ranges.append((body[0], body[2]))
            body = body[3:]
        else:
            singles += body[0]
            body = body[1:]
    return _One(singles, tuple(ranges), but)


def _fits(pattern: _Pattern, name: str) -> bool:
    """Match with one step back at most: the last `*` takes one character more whenever the rest does not fit."""
    at = here = 0
    star: int | None = None
    star_took = 0
    while here < len(name):
        part = pattern[at] if at < len(pattern) else _One()
        if at < len(pattern) and part is _MANY:
            star, star_took, at = at, here, at + 1
        elif part is not _MANY and part.fits(name[here]):
            at, here = at + 1, here + 1
        elif star is not None:
            star_took += 1
            at, here = star + 1, star_took
        else:
            return False
    return all(part is _MANY for part in pattern[at:])
