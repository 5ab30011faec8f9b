import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import feature_table

README = (feature_table.ROOT / "README.md").read_text()


def test_the_feature_table_is_what_the_tests_show() -> None:
    assert feature_table.written(README) == README


def test_every_verdict_has_rows() -> None:
    assert {row.verdict for row in feature_table.shown()} == set(feature_table.VERDICTS)


def test_no_feature_is_listed_twice() -> None:
    features = [row.feature for row in feature_table.shown()]

    assert sorted(set(features)) == sorted(features)
