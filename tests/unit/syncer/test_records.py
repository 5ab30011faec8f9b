"""Whom a change of a repository's state concerns."""

from typing import Any

from wavegate.contracts.identity import repository_id
from wavegate.syncer.adapters.records import findings, sourced_from

URL = "https://git.example/team/fraud.git"


def application(name: str, *urls: str) -> dict[str, Any]:
    sources = [{"repoURL": url, "path": "."} for url in urls]
    spec = {"source": sources[0]} if len(sources) == 1 else {"sources": sources}
    return {"metadata": {"namespace": "argocd", "name": name}, "spec": spec}


def state(**ref: Any) -> dict[str, Any]:
    refs = {"main": {"sha": "a", "seq": 1, **ref}}
    return {
        "metadata": {"name": f"repository-{repository_id(URL)}"},
        "status": {"state": {"url": URL, "refs": refs}, "outbox": []},
    }


def test_only_applications_with_a_source_in_the_repository_are_concerned() -> None:
    elsewhere = "https://git.example/team/other"
    items = [application("a", URL), application("b", elsewhere), application("c", elsewhere, URL), {"metadata": {}}]

    assert sourced_from(items, state()) == ["argocd/a", "argocd/c"]


def test_tips_and_failures_are_findings_and_how_far_they_were_told_is_not() -> None:
    known = findings(state())

    assert findings({**state(announcing={"after": "argocd/a"}), "metadata": {}}) == known
    assert findings(state(seq=2)) != known
    assert findings(state(failure={"reason": "RefMissing"})) != known
