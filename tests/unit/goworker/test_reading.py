"""What is sent along, what is recorded, and which paths are refused."""

import pytest

from wavegate.goworker import AskedPath, MemoryFiles, WorkerError, reading


@pytest.mark.parametrize(
    ("path", "clean"), [("", ""), (".", ""), ("a/b/", "a/b"), ("./a//b", "a/b"), ("a/../b", "b"), ("a/..", "")]
)
def test_paths_are_made_clean(path: str, clean: str) -> None:
    assert reading.tree_path(path) == clean


@pytest.mark.parametrize("path", ["..", "../a", "/etc/passwd", "a/../..", "//x", "a\0b", "a/../../b"])
def test_paths_that_leave_the_tree_are_refused(path: str) -> None:
    with pytest.raises(WorkerError, match="FileFailed"):
        reading.tree_path(path)


async def test_a_folder_is_read_breadth_first_up_to_its_limits() -> None:
    files = MemoryFiles({"a/z": "1", "a/b/c": "22", "a/b/d/e": "333", "other": "4"})
    whole = await reading.preload(files, "a", max_files=None, max_bytes=6)
    assert whole == reading.Preloaded(
        {"a/z": b"1", "a/b/c": b"22", "a/b/d/e": b"333"}, ("a", "a/b", "a/b/d"), complete=True
    )
    part = await reading.preload(files, "a", max_files=2, max_bytes=6)
    assert (sorted(part.files), part.complete) == (["a/b/c", "a/z"], False)
    part = await reading.preload(files, "a", max_files=None, max_bytes=5)
    assert (sorted(part.files), part.complete) == (["a/b/c", "a/z"], False)


async def test_a_folder_that_is_not_there_is_completely_empty() -> None:
    assert await reading.preload(MemoryFiles({}), "a", max_files=1, max_bytes=1) == reading.Preloaded({}, (), True)


async def test_a_chart_is_sent_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    files = MemoryFiles({"c/Chart.yaml": "123", "c/templates/x": "45"})
    assert await reading.preload_chart(files, "c") == {"Chart.yaml": b"123", "templates/x": b"45"}
    monkeypatch.setattr(reading, "MAX_CHART_BYTES", 4)
    with pytest.raises(WorkerError, match="RequestTooLarge: the chart folder c has more than"):
        await reading.preload_chart(files, "c")


async def test_the_record_keeps_outside_paths_once_absent_ones_included() -> None:
    record = reading.ReadRecord(MemoryFiles({"a/x": "1", "b/y": "2"}), "a")
    assert await record.answer({"op": "read", "path": "a/x"}) == {"found": True, "data": "MQ=="}
    assert await record.answer({"op": "stat", "path": "b"}) == {"found": True, "kind": "dir"}
    assert await record.answer({"op": "stat", "path": "b"}) == {"found": True, "kind": "dir"}
    assert await record.answer({"op": "read", "path": "ab/x"}) == {"found": False, "data": ""}
    assert record.asked == (AskedPath("stat", "b", found=True), AskedPath("read", "ab/x", found=False))


async def test_a_question_outside_the_tree_is_an_error_whatever_the_worker_asks() -> None:
    record = reading.ReadRecord(MemoryFiles({}), "a")
    assert await record.answer({"op": "read", "path": "../x"}) == {"error": "WorkerError"}
    assert record.asked == ()
    assert isinstance(record.failure, WorkerError)
