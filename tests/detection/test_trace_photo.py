"""A photo alone to its drawing: in Python and on the command line, at any tilt, with one face, several or none."""

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import facemask
import numpy as np
import pytest
import skimage.data
from facemask.cli import main
from numpy.typing import NDArray
from PIL import Image
from support.sample import LABELS

pytestmark = pytest.mark.usefixtures("face_model")

SAMPLE = Path(__file__).parents[2] / "samples" / "astronaut" / "image.jpg"


@cache
def photo() -> Image.Image:
    return Image.open(SAMPLE).convert("RGB")


def side_by_side(*widths: int) -> Image.Image:
    """Copies of the sample's face of these widths, each in a column of 420 pixels, from the left."""
    sheet = Image.new("RGB", (420 * len(widths), 520), (120, 130, 110))
    for index, width in enumerate(widths):
        face = photo().crop((250, 150, 650, 600)).resize((width, width * 9 // 8), Image.Resampling.LANCZOS)
        sheet.paste(face, (420 * index + (420 - width) // 2, (520 - face.height) // 2))
    return sheet


def face_of(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """A gray or colored picture as a photo."""
    colored = np.broadcast_to(np.atleast_3d(picture)[..., :3], (*picture.shape[:2], 3))
    return np.ascontiguousarray(colored, np.uint8)


def failure(image: Any, **options: Any) -> facemask.FacemaskError:
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_photo(image, **options)
    return caught.value


@pytest.mark.parametrize("degrees", [0, 65, 140, 180, -90])
def test_a_photo_is_enough(degrees: int):
    image = np.asarray(photo().rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(128, 128, 128)))
    mask = facemask.trace_photo(image)
    assert abs(math.remainder(mask.roll_degrees - degrees - 3.16, 360)) < 0.6
    assert {"nose", "lip_upper", "eye_r", "eye_l"} <= {region["name"] for region in mask.regions}
    upright = facemask.trace_photo(np.asarray(photo()))
    for name in ("nose", "lip_lower"):
        assert mask.contours[name].area == pytest.approx(upright.contours[name].area, rel=0.1)
    assert mask.schemes["landmarks"] == "mediapipe-478"
    assert mask.crop_image().shape == (*mask.size[::-1], 3)


def test_options_are_those_of_trace_face():
    zones = facemask.trace_photo(SAMPLE.read_bytes(), regions="zones", crop="head", embed_image="crop")
    assert "chin" in zones.contours
    assert "data:image/jpeg;base64," in zones.svg
    with_map = facemask.trace_photo(SAMPLE.read_bytes(), labels=LABELS)
    assert "hair" in with_map.contours
    assert abs(with_map.roll_degrees - 3.16) < 0.5


@pytest.mark.parametrize("name", ["landmarks", "landmark_scheme", "landmark_units", "image_size"])
def test_what_is_detected_cannot_be_given(name: str):
    error = failure(np.asarray(photo()), **{name: None})
    assert (error.code, error.field) == ("option_invalid", name)


def test_faces_of_similar_size_must_be_chosen_from():
    image = np.asarray(side_by_side(380, 300))
    error = failure(image)
    assert (error.code, error.field) == ("face_ambiguous", "image")
    assert error.detail.startswith("shows 2 faces; choose one with face, an index or a point: 0: ")
    left = facemask.trace_photo(image, face=0)
    right = facemask.trace_photo(image, face=(630, 260))
    assert left.size[0] > 1.15 * right.size[0]
    assert facemask.trace_photo(image, face=np.array([630.0, 260.0])).svg == right.svg
    assert [w["code"] for w in left.warnings] == ["labels_from_landmarks"]


def test_all_faces_are_traced(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    image = np.asarray(side_by_side(380, 300))
    masks = facemask.trace_photo(image, face="all")
    assert [mask.svg for mask in masks] == [facemask.trace_photo(image, face=index).svg for index in (0, 1)]
    assert len(facemask.trace_photo(np.asarray(photo()), face="all")) == 1
    two, svg = tmp_path / "two.png", tmp_path / "out" / "face.svg"
    svg.parent.mkdir()
    side_by_side(380, 300).save(two)
    crop = svg.with_suffix(".png")
    assert main(["trace", str(two), "-o", str(svg), "--crop-image", str(crop), "--face", "all"]) == 0
    names = ["face-1.png", "face-1.svg", "face-2.png", "face-2.svg"]
    assert sorted(path.name for path in svg.parent.iterdir()) == names
    assert [svg.with_stem(f"face-{n}").read_text() for n in (1, 2)] == [mask.svg for mask in masks]
    for outputs in ([], ["-o", "-"], ["--contours", "-"]):
        assert main(["trace", str(two), *outputs, "--face", "all"]) == 1
        assert "all makes several files" in capsys.readouterr().err


def test_a_label_map_has_one_face():
    error = failure(SAMPLE.read_bytes(), labels=LABELS, face="all")
    assert (error.code, error.field) == ("option_invalid", "face")
    assert "a label map shows one face" in error.detail


def test_a_much_larger_face_is_meant():
    mask = facemask.trace_photo(np.asarray(side_by_side(400, 200)))
    assert mask.size[0] > 300
    assert "several_faces" in [warning["code"] for warning in mask.warnings]


@pytest.mark.parametrize("face", [2, -1, (10, 10), (float("nan"), 1.0), "left", True, [1, 2, 3]])
def test_a_face_that_is_not_there_is_named(face: Any):
    error = failure(np.asarray(side_by_side(380, 300)), face=face)
    assert (error.code, error.field) == ("option_invalid", "face")


@pytest.mark.parametrize(
    ("options", "missed"),
    [
        ({}, "; a face smaller than about 1/28 of the photo needs tiles=8"),
        ({"tiles": 1}, "; a face smaller than about 1/7 of the photo needs tiles=8"),
        ({"tiles": 8}, ""),
        ({"min_size": 50}, "; min_size leaves out faces below 50 pixels"),
    ],
)
def test_a_photo_without_a_face_says_which_were_not_searched(options: dict[str, int], missed: str):
    error = failure(np.full((60, 80, 3), 128, np.uint8), **options)
    assert (error.code, error.field) == ("no_face", "image")
    assert error.detail == f"shows no face, at no tilt (80 x 60 pixels){missed}"


def test_a_photo_without_a_face_says_what_was_seen():
    error = failure(face_of(skimage.data.chelsea()))
    assert error.code == "no_face"
    assert "has a presence of 0." in error.detail


@pytest.mark.parametrize("name", ["camera", "moon", "coins"])
def test_a_profile_and_faces_of_no_person_are_uncertain(name: str):
    error = failure(face_of(getattr(skimage.data, name)()))
    assert (error.code, error.field) == ("face_uncertain", "image")
    assert "two meshes of it differ by" in error.detail


def test_exif_is_applied(tmp_path: Path):
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # the stored picture is shown turned by a quarter, clockwise
    photo().transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=95)
    assert abs(facemask.trace_photo(path.read_bytes()).roll_degrees - 3.16) < 0.6
    out = tmp_path / "out.json"
    assert main(["trace", str(path), "--landmarks-frame", "raw", "--contours", str(out)]) == 0
    assert abs(json.loads(out.read_text())["roll_degrees"] - 3.16) < 0.6


def test_the_command_line_needs_a_photo_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    svg = tmp_path / "face.svg"
    assert main(["trace", str(SAMPLE), "-o", str(svg)]) == 0
    expected = facemask.trace_photo(SAMPLE.read_bytes())
    assert f"roll {expected.roll_degrees:.2f}" in capsys.readouterr().out
    assert svg.read_text() == expected.svg
    two = tmp_path / "two.png"
    side_by_side(380, 300).save(two)
    assert main(["trace", str(two), "-o", str(svg)]) == 1
    assert "choose one with face" in capsys.readouterr().err
    assert main(["trace", str(two), "-o", str(svg), "--face", "630,260", "--tiles", "2", "--min-size", "100"]) == 0
    assert main(["trace", str(two), "-o", str(svg), "--face", "1"]) == 0


@pytest.mark.parametrize(("flag", "value"), [("--tiles", "2"), ("--min-size", "9"), ("--face", "3,4")])
def test_options_of_a_photo_alone_do_not_fit_a_map(
    flag: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    files = [str(SAMPLE), str(SAMPLE.parent / "segmentation.png")]
    assert main(["trace", *files, "-o", str(tmp_path / "x.svg"), flag, value]) == 1
    assert flag[2:].replace("-", "_") in capsys.readouterr().err


@pytest.mark.parametrize("value", ["left", "1,x", "1.5"])
def test_a_face_is_an_index_or_a_point(value: str):
    with pytest.raises(SystemExit) as caught:
        main(["trace", str(SAMPLE), "--face", value])
    assert caught.value.code == 2
