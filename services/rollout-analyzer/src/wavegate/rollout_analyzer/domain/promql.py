r"""Arguments inside PromQL: a value may fill a string, never leave it (reliability.md S61).

Argo puts the value's text into the query as it is. Here a value that stands between quotes is kept between them: an
unescaped quote of that kind is escaped, a newline becomes `\n`, and what a raw (backtick) string cannot hold is refused.
Values that already are well escaped, such as regular expressions, stay as they are. Between no quotes a value is taken as
it is, since templates pass durations, metric names and whole expressions that way; values that come from fields of the
Rollout are restricted where they are read (`arguments.field_value`).
"""

from collections.abc import Callable

QUOTES = frozenset("\"'`")
OPEN, CLOSE = "{{", "}}"


class Unquotable(ValueError):
    """A value cannot stand in the string that it is meant for."""


def spliced(query: str, value_of: Callable[[str], str]) -> str:
    """Return a query with its tags replaced; `value_of` gives the value of a tag's trimmed text.

    Raises:
        Unquotable: A value holds a backtick and is meant for a raw string.
    """
    out: list[str] = []
    quote, at = "", 0
    while at < len(query):
        end = query.find(CLOSE, at) if query.startswith(OPEN, at) else -1
        if end >= 0:
            out.append(_within(quote, value_of(query[at + len(OPEN) : end].strip())))
            at = end + len(CLOSE)
            continue
        piece = _piece(query, at, quote)
        quote = _next_quote(quote, piece)
        out.append(piece)
        at += len(piece)
    return "".join(out)


def _piece(query: str, at: int, quote: str) -> str:
    """Return the next character, with the one that it escapes, or a whole comment."""
    if quote in {'"', "'"} and query[at] == "\\":
        return query[at : at + 2]
    if not quote and query[at] == "#":
        end = query.find("\n", at)
        return query[at:] if end < 0 else query[at:end]
    return query[at]


def _next_quote(quote: str, piece: str) -> str:
    if quote:
        return "" if piece == quote else quote
    return piece if piece in QUOTES else ""


def _within(quote: str, value: str) -> str:
    if not quote:
        return value
    if quote == "`":
        if "`" in value:
            raise Unquotable("a value with a backtick cannot stand in a raw string of the query")
        return value
    out: list[str] = []
    at = 0
    while at < len(value):
        piece = value[at : at + 2] if value[at] == "\\" else value[at]
        out.append({"\\": "\\\\", quote: f"\\{quote}", "\n": "\\n", "\\\n": "\\\\\\n"}.get(piece, piece))
        at += len(piece)
    return "".join(out)
