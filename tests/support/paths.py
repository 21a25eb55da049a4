"""Folders of the repository, and the module path of child processes."""

import os
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
SAMPLE = ROOT / "samples" / "astronaut"
# `PYTHONPATH` of child processes: with it `python -m support...` runs, and a checkout that shadows the installed
# package here shadows it there.
PYTHON_PATH = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(TESTS)]))
