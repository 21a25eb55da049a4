"""Drawings of zones over the photo compared with golden images, one question each."""

from pathlib import Path
from typing import Any

import facemask
import numpy as np
import pytest
from support import golden_image, landmark_schemes, sample

FOLDER = Path(__file__).parent
# The photo is a JPEG: another decoder may round another way.
LARGEST_DIFFERENCE = 4
MESH, JAW = sample.LANDMARKS, landmark_schemes.ibug_68(sample.LANDMARKS)
# Hair and skin only, as a map of `mediapipe-multiclass-6` has it.
NO_ORGANS = np.where(sample.LABELS == 10, 1, np.where(sample.LABELS > 0, 3, 0)).astype(np.uint8)
BARE = np.where(sample.LABELS == 10, 1, sample.LABELS)

PICTURES: dict[str, tuple[np.ndarray, np.ndarray, dict[str, Any]]] = {
    # Forehead up to the fringe, cheeks around nose and mouth, chin between the corners of the mouth?
    "mediapipe-478": (sample.LABELS, MESH, {}),
    # The same from 68 points?
    "ibug-68": (sample.LABELS, JAW, {}),
    # Nose, lips and brows as the points have them, and holes for eyes and mouth?
    "no-organ-labels-mediapipe-478": (NO_ORGANS, MESH, {"label_scheme": "mediapipe-multiclass-6"}),
    "no-organ-labels-ibug-68": (NO_ORGANS, JAW, {"label_scheme": "mediapipe-multiclass-6"}),
    # Where no hair ends it: a forehead as high as foreheads are, and cheeks that end at the face?
    "bare-mediapipe-478": (BARE, MESH, {"label_scheme": "lapa-11"}),
    "bare-ibug-68": (BARE, JAW, {"label_scheme": "lapa-11"}),
}


def drawn(name: str) -> str:
    labels, landmarks, options = PICTURES[name]
    photo = np.asarray(sample.copy().photo.reduce(2))
    return facemask.trace_face(
        labels, landmarks / 2, regions="zones", image=photo, embed_image="crop", curve="straight", **options
    ).svg


@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, tmp_path: Path):
    golden_image.assert_matches(drawn(name), FOLDER / f"{name}.png", tmp_path, LARGEST_DIFFERENCE)


def test_every_picture_belongs_to_a_question():
    golden_image.assert_complete(FOLDER, PICTURES)
