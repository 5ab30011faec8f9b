"""Lets the flow use the worlds of the two services' own tests."""

import sys
from pathlib import Path

_UNIT = Path(__file__).parents[2] / "unit"
sys.path[:0] = [str(_UNIT / "git_watcher"), str(_UNIT / "renderer")]
