"""A photo alone and a parser: the face is detected at any tilt, and the network sees it upright."""

import json
import math
from functools import cache
from pathlib import Path

import facemask
import numpy as np
import pytest
from facemask.cli import main
from numpy.typing import NDArray
from PIL import Image
from support import sample
from support.parser_networks import save_constant
from support.paths import PHOTO_FILE

pytestmark = pytest.mark.usefixtures("face_model")

SIDE = 256


@cache
def logits() -> NDArray[np.float32]:
    """What a network would return of the sample's face in the crop `face`."""
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS, image_size=(900, 900), crop_size=SIDE)
    labels = mask.to_label_map()
    return (8.0 * (labels == np.arange(11)[:, None, None])).astype(np.float32)


@cache
def photo(degrees: float, *, is_mirrored: bool = False) -> NDArray[np.uint8]:
    picture = Image.open(PHOTO_FILE).convert("RGB")
    if is_mirrored:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    turned = picture.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(128, 128, 128))
    return np.asarray(turned)


@pytest.mark.parametrize("is_mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0, 90, 140, 180])
def test_a_photo_and_a_parser_are_enough(tmp_path: Path, degrees: int, is_mirrored: bool):
    parser = facemask.FaceParser(save_constant(tmp_path, logits()))
    mask = facemask.trace_photo(photo(degrees, is_mirrored=is_mirrored), parser=parser)
    assert mask.labels_from == "parser"
    assert [warning["code"] for warning in mask.warnings] == []
    tilt = -sample.TILT if is_mirrored else sample.TILT
    assert abs(math.remainder(mask.roll_degrees - degrees - tilt, 360)) < 0.6
    # A mirrored photo shows a face like any other: the subject's right eye is on the viewer's left of it.
    assert not mask.mirrored
    assert mask.landmarks is not None
    eyes = {region["name"]: np.array(region["centroid"]) for region in mask.regions if region["name"].startswith("eye")}
    width = np.linalg.norm(mask.landmarks[468] - mask.landmarks[473])
    for name, pupil in (("eye_r", 468), ("eye_l", 473)):
        assert np.linalg.norm(eyes[name] - mask.landmarks[pupil]) < 0.15 * width
    assert "hair" in [region["name"] for region in mask.regions]


def test_the_command_line_detects_and_parses(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = save_constant(tmp_path, logits())
    output = tmp_path / "out.json"
    assert main(["trace", str(PHOTO_FILE), "--parser", str(path), "--contours", str(output)]) == 0
    result = json.loads(output.read_text())
    assert (result["labels_from"], len(result["landmarks"])) == ("parser", 478)
    assert capsys.readouterr().err == ""


def test_detected_points_are_in_the_answer_unless_unwanted():
    mask = facemask.trace_photo(photo(0))
    assert np.abs(np.array(mask.to_dict()["landmarks"]) - mask.landmarks).max() <= 0.005 + 1e-9
    assert "landmarks" not in facemask.trace_photo(photo(0), with_landmarks=False).to_dict()
    assert mask.to_coco(keypoints="68")["annotations"][0]["num_keypoints"] == 68
