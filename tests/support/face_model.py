"""The face model that `make test` fetched."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest
from facemask.models.catalog import FACE
from facemask.models.store import FOLDER_VARIABLE

FETCHED = Path(os.environ.get(FOLDER_VARIABLE) or Path(sys.prefix) / "models")


def fetched_face_model() -> Path:
    """Return its file. A test is skipped where that is missing, or what runs it."""
    path = FETCHED / FACE.file_name
    if importlib.util.find_spec("ai_edge_litert") is None:
        pytest.skip("NOT TESTED: ai-edge-litert is not installed")
    if not path.exists():
        pytest.skip(f"NOT TESTED: {path} is missing; `{FOLDER_VARIABLE}={FETCHED} facemask models fetch` brings it")
    return path
