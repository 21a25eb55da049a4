"""Folders of the repository, and the module path of child processes."""

import os
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
SAMPLE = ROOT / "samples" / "astronaut"
# Photo, label map and landmarks of the sample, in the order of the command line.
SAMPLE_FILES = PHOTO_FILE, MAP_FILE, LANDMARKS_FILE = [
    SAMPLE / name for name in ("image.jpg", "segmentation.png", "landmarks.json")
]
# `PYTHONPATH` of child processes: with it `python -m support...` runs, and a checkout that shadows the installed
# package here shadows it there.
PYTHON_PATH = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(TESTS)]))
