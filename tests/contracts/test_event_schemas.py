"""The JSON Schema of every event and command, as a snapshot: changing one is an interface change and shows as a diff.

Write the snapshots anew with `python tests/contracts/test_event_schemas.py`.
"""

import json
from pathlib import Path

import pytest

from wavegate.contracts.register import MESSAGES

FOLDER = Path(__file__).parent / "schemas"


def schema(type_: str) -> str:
    return (
        json.dumps(MESSAGES[type_].model_json_schema(by_alias=True, mode="serialization"), indent=2, sort_keys=True)
        + "\n"
    )


@pytest.mark.parametrize("type_", sorted(MESSAGES))
def test_a_schema_is_as_committed(type_: str) -> None:
    assert schema(type_) == (FOLDER / f"{type_}.json").read_text()


def test_no_snapshot_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == set(MESSAGES)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    for name in MESSAGES:
        (FOLDER / f"{name}.json").write_text(schema(name))
