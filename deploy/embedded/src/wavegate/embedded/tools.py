"""The foreign programs that the embedded platform runs: what each is built from, and where it is cached."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

EMBEDDED_ROOT = Path(__file__).resolve().parents[3]
REPOSITORY_ROOT = EMBEDDED_ROOT.parents[1]
MODULES = EMBEDDED_ROOT / "tools"

# Of debug information, which the linker would drop, the compiler need not make any: a sixth of its time, a quarter of
# what it leaves in Go's cache.
BUILD_FLAGS = ("-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false")

_KUBERNETES = "1.36.3"
_VERSION_PACKAGE = "k8s.io/component-base/version"
_KUBERNETES_FLAGS = " ".join(
    (
        "-s -w",
        f"-X {_VERSION_PACKAGE}.gitVersion=v{_KUBERNETES}",
        f"-X {_VERSION_PACKAGE}.gitMajor=1",
        f"-X {_VERSION_PACKAGE}.gitMinor=36",
        f"-X {_VERSION_PACKAGE}.gitTreeState=clean",
    )
)


@dataclass(frozen=True, slots=True)
class Tool:
    """One program: the Go module (a folder of `tools/`) and package it is built from.

    `expected` is how long a cold build takes, in seconds on two cores; it only feeds the display.
    """

    name: str
    module: str
    package: str
    expected: float
    ldflags: str = "-s -w"
    tags: str = ""


TOOLS = (
    Tool("nats-server", "nats-server", "github.com/nats-io/nats-server/v2", expected=20),
    Tool("etcd", "kubernetes", "go.etcd.io/etcd/server/v3", expected=25),
    # Clients refuse an API server that does not know its version, and only a release build of its own sets it.
    Tool(
        "kube-apiserver", "kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver", expected=170, ldflags=_KUBERNETES_FLAGS
    ),
    Tool(
        "kube-controller-manager",
        "kubernetes",
        "k8s.io/kubernetes/cmd/kube-controller-manager",
        expected=45,
        ldflags=_KUBERNETES_FLAGS,
    ),
    Tool("kube-scheduler", "kubernetes", "k8s.io/kubernetes/cmd/kube-scheduler", expected=8, ldflags=_KUBERNETES_FLAGS),
    # In Kubernetes' module, because nearly all that it is made of is then compiled already.
    Tool("kwok", "kubernetes", "sigs.k8s.io/kwok/cmd/kwok", expected=10),
    # Without this tag every cloud's service discovery is compiled in; static and file discovery stay.
    Tool(
        "prometheus",
        "prometheus",
        "github.com/prometheus/prometheus/cmd/prometheus",
        expected=40,
        tags="remove_all_sd",
    ),
)

# What KUBEBUILDER_ASSETS holds by the convention of controller-runtime's envtest.
_ASSETS = frozenset({"etcd", "kube-apiserver"})


def cache_root(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder that outlives the platform: built programs and, if need be, the Go toolchain."""
    base = environment.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else Path.home() / ".cache") / "wavegate"


def digest(tool: Tool, go_version: str, modules: Path = MODULES) -> str:
    """Return the key under which a tool is cached: everything that decides what its build makes."""
    made_of = hashlib.sha256()
    for name in ("go.mod", "go.sum"):
        made_of.update((modules / tool.module / name).read_bytes())
    made_of.update(repr((tool.package, tool.ldflags, tool.tags, BUILD_FLAGS, go_version)).encode())
    return made_of.hexdigest()[:24]


def cached_at(tool: Tool, go_version: str, cache: Path, modules: Path = MODULES) -> Path:
    """Return where the built tool is, or will be."""
    return cache / "tools" / digest(tool, go_version, modules) / tool.name


def given(tool: Tool, environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the program that the user provides in KUBEBUILDER_ASSETS, if it is there."""
    folder = environment.get("KUBEBUILDER_ASSETS", "")
    if not folder or tool.name not in _ASSETS:
        return None
    program = Path(folder) / tool.name
    return program if os.access(program, os.X_OK) else None
