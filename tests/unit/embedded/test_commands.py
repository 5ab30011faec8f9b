import json

import pytest
import typer
from typer.testing import CliRunner

from wavegate.contracts.access import permissions
from wavegate.embedded.commands import register


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    (tmp_path / "runtime").mkdir()
    app = typer.Typer()
    register(app)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_commands_are_there(run):
    said = run("--help").output
    assert all(name in said for name in ("up", "down", "logs", "keys"))


def test_down_without_anything_up_says_so(run):
    result = run("down")
    assert result.exit_code == 0
    assert result.output.strip() == "nothing was up"


def test_logs_without_anything_up_says_so(run):
    result = run("logs")
    assert result.exit_code == 1
    assert "nothing is up" in result.output


def test_logs_shows_a_part_and_names_the_parts_there_are(run):
    from wavegate.embedded import runs

    folder = runs.new_run("up") / "logs"
    folder.mkdir()
    (folder / "syncer.log").write_text("line one\nline two\n")
    assert run("logs", "syncer").output == "line one\nline two\n"
    assert "line two" in run("logs").output
    unknown = run("logs", "oven")
    assert unknown.exit_code == 1
    assert "no log of oven; there are syncer" in unknown.output


def test_keys_for_a_bus_of_ones_own(run, tmp_path):
    assert run("keys", tmp_path / "keys").exit_code == 0
    content = json.loads((tmp_path / "keys" / "nats.conf").read_text())
    assert content["listen"] == "0.0.0.0:4222"
    assert {path.stem for path in (tmp_path / "keys").glob("*.nk")} == set(permissions())


def test_keys_are_never_overwritten(run, tmp_path):
    run("keys", tmp_path / "keys")
    before = (tmp_path / "keys" / "syncer.nk").read_text()
    again = run("keys", tmp_path / "keys")
    assert again.exit_code == 1
    assert "not empty" in again.output
    assert (tmp_path / "keys" / "syncer.nk").read_text() == before
