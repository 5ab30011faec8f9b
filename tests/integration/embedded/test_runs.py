"""Run folders, with the processes that they record."""

import json
import os
import stat
import subprocess
import sys

import pytest

from wavegate.embedded import runs

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def idle():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True) as process:
        yield process
        process.kill()


def test_a_run_is_private_to_its_user():
    folder = runs.new_run("up")
    for each in (folder, folder.parent, folder.parent.parent):
        assert stat.S_IMODE(each.stat().st_mode) == 0o700


def test_a_run_is_found_with_its_supervisor_and_children(idle):
    folder = runs.new_run("up")
    runs.record(folder, "up", {"child": idle.pid})
    (found,) = runs.found_runs()
    assert found.folder == folder
    assert found.supervisor.pid == os.getpid()
    assert [child.pid for child in found.children] == [idle.pid]


def test_nothing_is_left_when_the_last_run_is_removed(home):
    runs.remove(runs.new_run("up"))
    assert list(home.iterdir()) == []


def test_a_crashed_run_is_ended_with_the_children_that_outlived_it(idle):
    folder = runs.new_run("up")
    record = {"purpose": "up", "supervisor": [2**22 + 1, 5], "children": [[idle.pid, runs.started_at(idle.pid)]]}
    (folder / "run.json").write_text(json.dumps(record))
    (found,) = runs.found_runs()
    runs.end(found)
    assert idle.wait(5) == -9
    assert not folder.exists()


def test_a_later_process_of_the_same_id_is_left_alone(idle):
    folder = runs.new_run("up")
    record = {"purpose": "up", "supervisor": [idle.pid, 1], "children": [[idle.pid, 1]]}
    (folder / "run.json").write_text(json.dumps(record))
    (found,) = runs.found_runs()
    runs.end(found)
    assert idle.poll() is None
    assert not folder.exists()


def test_what_a_crashed_run_left_goes_when_the_next_one_begins():
    folder = runs.new_run("test")
    (folder / "run.json").write_text(json.dumps({"purpose": "test", "supervisor": [2**22 + 1, 5], "children": []}))
    runs.new_run("test")
    assert not folder.exists()
