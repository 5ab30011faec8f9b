"""The README's table *Works / partly / refused by name*, generated from the tests that show each row.

A test says what it shows: `@pytest.mark.shows("GitHub push webhook", "works")`; a third argument is the note beside it.
`python tests/readme/feature_table.py` writes the table into the README; a test checks that it is current.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- features: generated from tests -->", "<!-- features end -->"
VERDICTS = ("works", "partly", "refused by name")


@dataclass(frozen=True, order=True)
class Shown:
    """One row: what, how far, what to know about it, and the test that shows it."""

    verdict: str
    feature: str
    note: str
    test: str


def shown() -> list[Shown]:
    """Return the rows of every test file, sorted by verdict and feature."""
    rows = [row for path in sorted((ROOT / "tests").rglob("test_*.py")) for row in _rows(path)]
    return sorted(rows, key=lambda row: (VERDICTS.index(row.verdict), row.feature.lower()))


def _rows(path: Path) -> Iterator[Shown]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for call in node.decorator_list:
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.shows":
                feature, verdict, *note = (ast.literal_eval(argument) for argument in call.args)
                yield Shown(verdict, feature, note[0] if note else "", f"{path.relative_to(ROOT)}::{node.name}")


def table() -> str:
    """Return the table in Markdown."""
    by_verdict: dict[str, list[Shown]] = defaultdict(list)
    for row in shown():
        by_verdict[row.verdict].append(row)
    lines = []
    for verdict in VERDICTS:
        lines += ["", f"**{verdict.capitalize()}**", "", "| what | to know | shown by |", "|---|---|---|"]
        lines += [
            f"| {r.feature} | {r.note} | [`{r.test.split('::')[1]}`]({r.test.split('::')[0]}) |"
            for r in by_verdict[verdict]
        ]
    return "\n".join([BEGIN, *lines, "", END])


def written(readme: str) -> str:
    """Return a README with the table in its place."""
    before, rest = readme.split(BEGIN)
    return before + table() + rest.split(END)[1]


if __name__ == "__main__":
    README = ROOT / "README.md"
    README.write_text(written(README.read_text()))
