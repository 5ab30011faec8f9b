"""Shows a person which step runs, how long it has taken and how long it should; plain lines without a terminal."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

_PLAIN_EVERY = 20.0
_LIVE_EVERY = 0.25


class Steps:
    """A numbered list of steps, shown as they run."""

    def __init__(self, total: int, console: Console) -> None:
        self._total = total
        self._console = console
        self._number = 0

    @contextmanager
    def step(self, what: str, expected: float | None = None) -> Iterator[None]:
        """Show one step while the block runs. `expected` is in seconds."""
        self._number += 1
        label = f"step {self._number} of {self._total} · {what}"
        begun = time.monotonic()
        hint = f" (about {expected:.0f} s)" if expected else ""
        done = threading.Event()
        if self._console.is_terminal:
            ticker = threading.Thread(target=self._live, args=(label, hint, begun, done), daemon=True)
        else:
            self._console.print(f"{label}{hint}", highlight=False)
            ticker = threading.Thread(target=self._plain, args=(label, hint, begun, done), daemon=True)
        ticker.start()
        try:
            yield
        finally:
            done.set()
            ticker.join()
        self._console.print(f"{label} · done in {time.monotonic() - begun:.1f} s", highlight=False)

    def _live(self, label: str, hint: str, begun: float, done: threading.Event) -> None:
        with self._console.status(label) as status:
            while not done.wait(_LIVE_EVERY):
                status.update(f"{label} · {time.monotonic() - begun:.0f} s{hint}")

    def _plain(self, label: str, hint: str, begun: float, done: threading.Event) -> None:
        while not done.wait(_PLAIN_EVERY):
            self._console.print(f"{label} · {time.monotonic() - begun:.0f} s{hint}", highlight=False)
