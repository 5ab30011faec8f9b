import os

import pytest

from wavegate.embedded import toolchain


def fake_go(folder, version):
    folder.mkdir()
    program = folder / "go"
    program.write_text(f"#!/bin/sh\necho {version}\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("version", ["go1.26.0", "go1.27.3", "go2.0"])
def test_a_go_that_is_new_enough_is_taken_from_path(tmp_path, monkeypatch, version):
    program = fake_go(tmp_path / "bin", version)
    monkeypatch.setenv("PATH", str(program.parent))
    found = toolchain.find_go(tmp_path, install=False)
    assert found == toolchain.Go(program, version)


@pytest.mark.parametrize("version", ["go1.25.9", "devel", ""])
def test_an_older_go_is_not_taken(tmp_path, monkeypatch, version):
    monkeypatch.setenv("PATH", str(fake_go(tmp_path / "bin", version).parent))
    assert toolchain.find_go(tmp_path, install=False) is None


def test_without_go_the_packaged_one_is_used_once_it_is_there(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    folder = tmp_path / "go" / toolchain.PACKAGED / "go" / "bin"
    folder.mkdir(parents=True)
    (folder / "go").touch()
    assert toolchain.find_go(tmp_path, install=False) == toolchain.Go(folder / "go", f"go{toolchain.PACKAGED}")


def test_a_build_does_not_depend_on_the_users_go_settings(tmp_path):
    users = {"HOME": "/home/somebody", "GOFLAGS": "-mod=mod", "GOOS": "plan9", "PATH": os.environ["PATH"]}
    made = toolchain.build_environment(tmp_path, users)
    assert made["GOFLAGS"] == "-mod=readonly"
    assert made["GOTOOLCHAIN"] == "local"
    assert made["CGO_ENABLED"] == "0"
    assert "GOOS" not in made
    assert "GOCACHE" not in made


def test_without_a_home_go_gets_folders_in_our_cache(tmp_path):
    made = toolchain.build_environment(tmp_path, {"PATH": "/bin"})
    assert made["GOCACHE"] == str(tmp_path / "gocache")
    assert made["GOPATH"] == str(tmp_path / "gopath")
