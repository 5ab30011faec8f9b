"""The YAML of the demonstration: the team's repository, the kinds of Istio and KServe, and what the cluster is given."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Object = dict[str, Any]

_PACKAGE = Path(__file__).parent
# In a wheel the YAML lies beside the code, in a checkout beside `src`.
ROOT = _PACKAGE if (_PACKAGE / "repository").is_dir() else _PACKAGE.parents[2]

REPOSITORY = ROOT / "repository"
PROJECT = Path("projects/fraud.yaml")
APPLICATION = Path("applications/fraud-model.yaml")
MODEL = Path("models/fraud")


def documents(file: Path) -> Iterator[Object]:
    """Read the objects of a YAML file."""
    yield from (found for found in yaml.safe_load_all(file.read_text()) if found)


def definitions() -> list[Object]:
    """Return the CustomResourceDefinitions of Istio and KServe."""
    return [found for file in sorted((ROOT / "crds").glob("*.yaml")) for found in documents(file)]


def cluster(name: str) -> list[Object]:
    """Return the objects of a file of `cluster/`."""
    return list(documents(ROOT / "cluster" / f"{name}.yaml"))


def copy_repository(target: Path, repository_url: str) -> None:
    """Lay out the team's repository; only its own address in project and application is put in place."""
    shutil.copytree(REPOSITORY, target, dirs_exist_ok=True)
    for file in (PROJECT, APPLICATION):
        text = (REPOSITORY / file).read_text()
        (target / file).write_text(text.replace(WRITTEN_URL, repository_url))


WRITTEN_URL = "https://git.example.com/ml/platform.git"
