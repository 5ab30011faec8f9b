import pytest

from wavegate.contracts.failures import Rejected
from wavegate.notifier.domain import selectors

LABELS = {"team": "ml", "tier": "gold", "example.com/x": "1"}


@pytest.mark.parametrize(
    ("source", "admitted"),
    [
        ("", True),
        ("team=ml", True),
        ("team==ml,tier=gold", True),
        ("team!=ml", False),
        ("absent!=ml", True),
        ("team in (ml, web)", True),
        ("team notin (ml,web),tier=gold", False),
        ("absent notin (x)", True),
        ("team", True),
        ("!team", False),
        ("!absent", True),
        ("example.com/x=1", True),
        ("team=", False),
    ],
)
def test_a_selector_admits(source: str, *, admitted: bool) -> None:
    assert selectors.parse(source).admits(LABELS) is admitted


@pytest.mark.parametrize("source", ["team in ml", "=x", "a=b,,c", "a b", "a in (x"])
def test_what_is_no_selector_is_refused(source: str) -> None:
    with pytest.raises(Rejected, match="label selector"):
        selectors.parse(source)
