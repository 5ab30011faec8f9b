from dataclasses import replace
from pathlib import Path

import pytest

from wavegate.embedded.tools import TOOLS, Tool, cache_root, cached_at, digest, given


@pytest.fixture
def modules(tmp_path):
    (tmp_path / "modules" / "one").mkdir(parents=True)
    (tmp_path / "modules" / "one" / "go.mod").write_text("module one\n")
    (tmp_path / "modules" / "one" / "go.sum").write_text("sums\n")
    return tmp_path / "modules"


TOOL = Tool("one", "one", "example.org/one", expected=1)


def test_same_inputs_give_the_same_place(modules, tmp_path):
    assert cached_at(TOOL, "go1.26.6", tmp_path, modules) == cached_at(TOOL, "go1.26.6", tmp_path, modules)


@pytest.mark.parametrize(
    "changed",
    [
        replace(TOOL, ldflags="-w"),
        replace(TOOL, tags="some"),
        replace(TOOL, package="example.org/one/cmd"),
    ],
)
def test_whatever_decides_the_build_decides_the_place(modules, changed):
    assert digest(changed, "go1.26.6", modules) != digest(TOOL, "go1.26.6", modules)


@pytest.mark.parametrize("name", ["go.mod", "go.sum"])
def test_a_changed_module_is_another_place(modules, name):
    before = digest(TOOL, "go1.26.6", modules)
    (modules / "one" / name).write_text("other\n")
    assert digest(TOOL, "go1.26.6", modules) != before


def test_another_go_is_another_place(modules):
    assert digest(TOOL, "go1.26.6", modules) != digest(TOOL, "go1.26.7", modules)


def test_how_long_a_build_takes_does_not_matter(modules):
    assert digest(replace(TOOL, expected=9), "go1.26.6", modules) == digest(TOOL, "go1.26.6", modules)


def test_the_cache_is_where_xdg_says():
    assert cache_root({"XDG_CACHE_HOME": "/somewhere"}) == Path("/somewhere/wavegate")
    assert cache_root({"XDG_CACHE_HOME": ""}) == Path.home() / ".cache" / "wavegate"


def test_kubebuilder_assets_come_first_for_what_they_hold(tmp_path):
    program = tmp_path / "etcd"
    program.touch(mode=0o755)
    found = {tool.name: given(tool, {"KUBEBUILDER_ASSETS": str(tmp_path)}) for tool in TOOLS}
    assert {name: path for name, path in found.items() if path} == {"etcd": program}


def test_every_tool_has_its_module_in_the_repository():
    for tool in TOOLS:
        assert len(digest(tool, "go1.26.6")) == 24
