"""Zones over the photo, rendered by resvg and compared pixel by pixel with the PNG beside this file.

`FACEMASK_RENEW=1` writes the pictures anew and fails the run, so that nothing is renewed unseen. Look at each.
"""

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import anatomy
import facemask
import numpy as np
import pytest
import resvg_py
import sample
from PIL import Image

FOLDER = Path(__file__).parent
# The photo is a JPEG: another decoder may round another way.
LARGEST_DIFFERENCE = 4
MESH, JAW = sample.LANDMARKS, anatomy.ibug_68(sample.LANDMARKS)
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


def rendered(name: str) -> np.ndarray:
    labels, landmarks, options = PICTURES[name]
    photo = np.asarray(sample.copy().photo.reduce(2))
    mask = facemask.trace_face(
        labels, landmarks / 2, regions="zones", image=photo, embed_image="crop", curve="straight", **options
    )
    data = resvg_py.svg_to_bytes(svg_string=mask.svg, background="#888", skip_system_fonts=True)
    return np.asarray(Image.open(BytesIO(bytes(data))).convert("RGB"))


@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, tmp_path: Path):
    found = rendered(name)
    path = FOLDER / f"{name}.png"
    if os.environ.get("FACEMASK_RENEW"):
        Image.fromarray(found).save(path, optimize=True)
        pytest.fail(f"{path} was written anew: look at it, then run again without FACEMASK_RENEW")
    expected = np.asarray(Image.open(path).convert("RGB"))
    Image.fromarray(found).save(tmp_path / f"{name}.png")
    assert found.shape == expected.shape
    difference = np.abs(found.astype(int) - expected).max()
    assert difference <= LARGEST_DIFFERENCE, f"look at {tmp_path / name}.png beside {path}"


def test_every_picture_belongs_to_a_question():
    assert {path.stem for path in FOLDER.glob("*.png")} == set(PICTURES)
