"""The face model: the one that `make test` fetched; tests that need it are skipped where it is missing."""

from pathlib import Path

import pytest
from facemask.models.store import FOLDER_VARIABLE
from support.face_model import fetched_face_model


@pytest.fixture
def face_model(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the face model, which `facemask` reads in this test."""
    path = fetched_face_model()
    monkeypatch.setenv(FOLDER_VARIABLE, str(path.parent))
    return path


@pytest.fixture
def models_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which models are kept during this test."""
    folder = tmp_path / "models"
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder
