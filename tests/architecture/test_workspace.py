"""Rules about the tree itself that no linter knows."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PUBLIC_INDEX = {"https://pypi.org", "https://files.pythonhosted.org"}


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\n")
    return [ROOT / line for line in listed if line and (ROOT / line).is_file()]


def test_wavegate_is_a_namespace_package_everywhere() -> None:
    assert tracked("*/src/wavegate/__init__.py") == []


def test_lock_files_name_the_public_index_only() -> None:
    hosts = set(re.findall(r'https?://[^/"\s]+', (ROOT / "uv.lock").read_text()))

    assert hosts <= PUBLIC_INDEX


def test_members_are_listed_explicitly_and_all_exist() -> None:
    members = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["workspace"]["members"]

    assert not [member for member in members if "*" in member]
    assert not [member for member in members if not (ROOT / member / "pyproject.toml").is_file()]


def test_every_direct_dependency_is_pinned() -> None:
    loose = []
    for path in tracked("**/pyproject.toml"):
        project = tomllib.loads(path.read_text()).get("project", {})
        loose += [
            f"{path.relative_to(ROOT)}: {dependency}"
            for dependency in project.get("dependencies", ())
            if not dependency.startswith("wavegate-") and "==" not in dependency
        ]
    assert not loose


@pytest.mark.parametrize("word", ["utils", "helpers", "common", "manager", "base"])
def test_no_module_is_named_for_nothing(word: str) -> None:
    assert not [path for path in tracked("*.py") if path.stem == word or word in path.relative_to(ROOT).parts]


def test_no_python_file_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in tracked("libs/*.py", "services/*.py", "deploy/*.py")
        if (count := len(path.read_text().splitlines())) > 400
    }
    assert not long


def test_services_and_libraries_know_nothing_of_the_demo() -> None:
    demo_words = re.compile(r"wavegate\.demo|deploy/demo|model-server|fraud", re.IGNORECASE)
    sources = tracked("services/*.py", "libs/*.py", "libs/*.go")
    assert sources
    assert not [path for path in sources if demo_words.search(path.read_text())]
