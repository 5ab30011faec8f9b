"""Where the worker's binary is: the package's build puts it beside the interpreter's other scripts."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from typing import Final

_SCRIPT: Final = "wavegate-goworker"


def locate() -> Path:
    """Path of the built worker.

    Raises:
        FileNotFoundError: it is not installed; the text says how to install it.
    """
    user_scheme = sysconfig.get_preferred_scheme("user")
    folders = (sysconfig.get_path("scripts"), sysconfig.get_path("scripts", scheme=user_scheme))
    for folder in folders:
        path = Path(folder) / _SCRIPT
        if path.is_file():
            return path
    text = f"{_SCRIPT} is in none of {', '.join(folders)}: install the package wavegate-goworker (uv sync)"
    raise FileNotFoundError(text)
