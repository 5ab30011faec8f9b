"""Writes the CustomResourceDefinitions: `python -m wavegate.argo.generate [FOLDER]`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from wavegate.argo.definitions import DEFINITIONS

FOLDER = Path(__file__).parents[3] / "crds"
HEADER = "# Generated from the models by `python -m wavegate.argo.generate`.\n"
_PLAIN = re.compile(r"[A-Za-z./][A-Za-z0-9./_-]*( [A-Za-z]+)?")
_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def files() -> dict[str, str]:
    """The content of every definition's file, by file name."""
    return {
        f"{definition.name}.yaml": HEADER + "\n".join(block(definition.to_json())) + "\n" for definition in DEFINITIONS
    }


def block(value: Any, indent: str = "") -> list[str]:
    """A JSON value as lines of YAML in block style."""
    if isinstance(value, dict) and value:
        return [
            line for name, item in value.items() for line in _entry(f"{indent}{_scalar(name)}:", item, f"{indent}  ")
        ]
    if isinstance(value, list) and value:
        return [line for item in value for line in _item(item, indent)]
    return [f"{indent}{_scalar(value)}"]


def _entry(head: str, item: Any, indent: str) -> list[str]:
    if isinstance(item, dict | list) and item:
        return [head, *block(item, indent)]
    return [f"{head} {_scalar(item)}"]


def _item(item: Any, indent: str) -> list[str]:
    first, *rest = block(item, f"{indent}  ")
    return [f"{indent}- {first.removeprefix(indent + '  ')}", *rest]


def _scalar(value: Any) -> str:
    is_plain = isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _RESERVED
    return value if is_plain else json.dumps(value)


def main(arguments: list[str]) -> None:
    """Write the files, into the folder given or the package's own."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files().items():
        (folder / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
