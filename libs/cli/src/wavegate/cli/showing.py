"""What is shown: titles, facts and tables as values, printed by Rich. No decisions; every word comes from the objects."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

_STYLES = {
    "Healthy": "green",
    "Synced": "green",
    "Succeeded": "green",
    "Successful": "green",
    "Progressing": "cyan",
    "Running": "cyan",
    "Paused": "yellow",
    "OutOfSync": "yellow",
    "Suspended": "yellow",
    "Inconclusive": "yellow",
    "Degraded": "red",
    "Failed": "red",
    "Error": "red",
    "Missing": "red",
}


@dataclass(frozen=True, slots=True)
class Rows:
    """A table: its columns, and one tuple of words for each row."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


Facts = Sequence[tuple[str, str]]


def table(rows: Rows) -> Table:
    """Return a table without lines, as kubectl prints one."""
    shown = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    for column in rows.columns:
        shown.add_column(column, overflow="fold")
    for row in rows.rows:
        shown.add_row(*(word(text) for text in row))
    return shown


def facts(pairs: Facts) -> Table:
    """Return named facts, those without content left out."""
    shown = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    shown.add_column(style="bold")
    shown.add_column(overflow="fold")
    for name, text in pairs:
        if text:
            shown.add_row(name, word(text))
    return shown


def page(pairs: Facts, *tables: Rows) -> RenderableType:
    """Return facts above tables, empty tables left out."""
    parts: list[RenderableType] = [facts(pairs)]
    for rows in tables:
        if rows.rows:
            parts += [Text(""), table(rows)]
    return Group(*parts)


def word(text: str) -> Text:
    """Return a text as it is, never read as markup; states have their colour."""
    return Text(text, style=_STYLES.get(text.split(" ", 1)[0], ""))
