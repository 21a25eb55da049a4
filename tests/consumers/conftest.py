"""A face whose files the readers open, and what they should find in them."""

from pathlib import Path

import facemask
import numpy as np
import pytest
from facemask import FaceMask
from PIL import Image
from support import sample
from support.region_masks import Mask


@pytest.fixture(scope="session")
def face() -> FaceMask:
    """The sample. Its skin has six holes: brows, eyes, nose and mouth."""
    return facemask.trace_face(sample.LABELS, sample.LANDMARKS)


@pytest.fixture(scope="session")
def masks(face: FaceMask) -> dict[str, Mask]:
    """The pixels of each region by its name."""
    labels = face.to_label_map()
    return {region["name"]: labels == region["id"] for region in face.regions}


@pytest.fixture
def folder(tmp_path: Path, face: FaceMask) -> Path:
    """A folder with the picture `face.png`, black and as large as the face."""
    Image.fromarray(np.zeros((*face.size[::-1], 3), np.uint8)).save(tmp_path / "face.png")
    return tmp_path
