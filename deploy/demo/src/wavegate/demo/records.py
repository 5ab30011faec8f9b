"""What stays of a run, in the user's cache: the receivers' records, the events, one trace per commit."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from wavegate.demo.repository import Pushed
from wavegate.demo.story import traces
from wavegate.demo.story.evidence import Evidence

_KEPT = 3


def new_folder(cache: Path, run: str) -> Path:
    """Make the folder of a run; those of all but the last few are removed."""
    root = cache / "demo"
    folder = root / run
    (folder / "traces").mkdir(parents=True)
    oldest_first = sorted(root.iterdir(), key=lambda path: path.stat().st_mtime)
    for old in oldest_first[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


def write(folder: Path, evidence: Evidence, commits: Iterable[Pushed], span_files: Iterable[Path]) -> list[Path]:
    """Write the events and each commit's trace; return the traces' files."""
    lines = (
        json.dumps({"time": event.time.isoformat(), "event": event.name, "id": event.id, "data": dict(event.data)})
        for event in evidence.events
    )
    (folder / "events.jsonl").write_text("".join(f"{line}\n" for line in lines))
    spans = [span for file in span_files for span in traces.spans(file.read_text(errors="replace").splitlines())]
    written = []
    for pushed in commits:
        path = folder / "traces" / f"{pushed.sha}.json"
        path.write_text(json.dumps(traces.document(pushed.sha, evidence.events, spans), indent=2) + "\n")
        written.append(path)
    return written
