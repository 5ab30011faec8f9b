"""Label selectors as text, as `kubectl -l` takes them: `a=b,c!=d,e in (f,g),h notin (i),j,!k`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from wavegate.notifier.domain.plain_values import invalid

_REQUIREMENT = re.compile(
    r"""^\s*(?:
        (?P<absent>!)\s*(?P<absent_key>[\w./-]+)
      | (?P<key>[\w./-]+)\s*(?:
            (?P<operator>==|=|!=)\s*(?P<value>[\w.-]*)
          | \s(?P<set>in|notin)\s*\((?P<values>[^()]*)\)
        )?
    )\s*$""",
    re.VERBOSE,
)
_COMMA_OUTSIDE_PARENTHESES = re.compile(r",(?![^()]*\))")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One term: the label's value must (`wanted`) or must not be among `values`; no values: it must exist or not."""

    key: str
    values: frozenset[str] | None
    wanted: bool

    def admits(self, labels: Mapping[str, str]) -> bool:
        """Tell whether the labels fulfil it. As in Kubernetes, an absent label fulfils `!=` and `notin`."""
        if self.values is None:
            return (self.key in labels) == self.wanted
        return (labels.get(self.key) in self.values) == self.wanted


@dataclass(frozen=True, slots=True)
class Selector:
    """All terms must hold; none is everything."""

    requirements: tuple[Requirement, ...] = ()

    def admits(self, labels: Mapping[str, str]) -> bool:
        """Tell whether an object with these labels is selected."""
        return all(requirement.admits(labels) for requirement in self.requirements)


def parse(source: str) -> Selector:
    """Read a selector.

    Raises:
        Rejected: `InvalidConfiguration`.
    """
    if not source.strip():
        return Selector()
    return Selector(tuple(_requirement(term, source) for term in _COMMA_OUTSIDE_PARENTHESES.split(source)))


def _requirement(term: str, source: str) -> Requirement:
    match = _REQUIREMENT.match(term)
    if match is None:
        raise invalid(f"selector {source!r}", "a label selector")
    if match["absent"]:
        return Requirement(match["absent_key"], None, wanted=False)
    if match["set"]:
        values = frozenset(value.strip() for value in match["values"].split(","))
        return Requirement(match["key"], values, wanted=match["set"] == "in")
    if match["operator"]:
        return Requirement(match["key"], frozenset({match["value"]}), wanted=match["operator"] != "!=")
    return Requirement(match["key"], None, wanted=True)
