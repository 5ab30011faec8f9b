"""Where the worker's binary is."""

from __future__ import annotations

from pathlib import Path


def locate() -> Path:
    """Path of the built worker.

    Raises:
        FileNotFoundError: it has not been built; the text says how to build it.
    """
    raise FileNotFoundError
