"""The face model: the one that `make test` fetched; tests that need it are skipped where it is missing."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest
from facemask.models.catalog import FACE
from facemask.models.store import FOLDER_VARIABLE

FETCHED = Path(os.environ.get(FOLDER_VARIABLE) or Path(sys.prefix) / "models")


@pytest.fixture
def face_model(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the face model, which `facemask` reads in this test."""
    path = FETCHED / FACE.file_name
    if importlib.util.find_spec("ai_edge_litert") is None:
        pytest.skip("NOT TESTED: ai-edge-litert is not installed")
    if not path.exists():
        pytest.skip(f"NOT TESTED: {path} is missing; `{FOLDER_VARIABLE}={FETCHED} facemask models fetch` brings it")
    monkeypatch.setenv(FOLDER_VARIABLE, str(FETCHED))
    return path


@pytest.fixture
def models_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which models are kept during this test."""
    folder = tmp_path / "models"
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder
