"""Faces in photos, with the real networks: every tilt, several faces, and pictures without one."""

import math
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import facemask
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image
from support.sample import LANDMARKS

pytestmark = pytest.mark.usefixtures("face_model")

SAMPLE = Path(__file__).parents[2] / "samples" / "astronaut" / "image.jpg"
GRAY = (128, 128, 128)
TEXTURES = ("brick", "grass", "gravel", "moon", "chelsea", "horse", "coffee", "clock", "colorwheel", "coins", "cell")


@cache
def photo() -> Image.Image:
    return Image.open(SAMPLE).convert("RGB")


def turned(degrees: float) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The sample turned clockwise, and the affine (2, 3) back to its own frame."""
    copy = photo().rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=GRAY)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[cos, sin], [-sin, cos]])
    offset = np.array(photo().size) / 2 - turn @ (np.array(copy.size) / 2)
    return np.asarray(copy), np.column_stack([turn, offset])


def eye_distance(points: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(points[[33, 133]].mean(0) - points[[362, 263]].mean(0)))


def rms(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Root mean square distance in eye distances."""
    return float(np.sqrt(np.square(a - b).sum(1).mean())) / eye_distance(a)


def only_face(image: Any, **options: Any) -> facemask.DetectedFace:
    (face,) = facemask.detect_faces(image, **options)
    return face


def test_the_sample_is_found_where_its_landmarks_are():
    face = only_face(SAMPLE.read_bytes())
    given = np.asarray(LANDMARKS)
    assert rms(given[:468], face.points[:468]) < 0.06, "MediaPipe's own points, of one pass"
    assert abs(face.roll_degrees - 3.16) < 0.5
    assert face.points.shape == (478, 2)
    assert face.presence > 0.99
    assert face.agreement > 0.95
    left, top, width, height = face.box
    assert np.allclose([left, top], face.points.min(0))
    assert np.allclose([left + width, top + height], face.points.max(0))


@pytest.mark.parametrize("degrees", range(15, 360, 15))
def test_a_turned_photo_has_the_same_points(degrees: int):
    upright = only_face(np.asarray(photo()))
    image, back = turned(degrees)
    face = only_face(image)
    points = face.points @ back[:, :2].T + back[:, 2]
    assert rms(upright.points, points) < 0.03
    assert abs(math.remainder(face.roll_degrees - degrees - upright.roll_degrees, 360)) < 0.5


def test_a_mirrored_photo_has_mirrored_points():
    upright = only_face(np.asarray(photo()))
    mirrored = only_face(np.ascontiguousarray(np.asarray(photo())[:, ::-1]))
    points = mirrored.points * [-1, 1] + [photo().width, 0]
    # The subject's right eye is the viewer's left one in both; its corners change places with the left one's.
    own, counterparts = [33, 133, 263, 362, 61, 291, 1, 152, 234, 454], [263, 362, 33, 133, 291, 61, 1, 152, 454, 234]
    squares = np.square(points[counterparts] - upright.points[own]).sum(1)
    assert np.sqrt(squares.mean()) < 0.03 * eye_distance(upright.points)
    assert abs(mirrored.roll_degrees + upright.roll_degrees) < 0.5


def test_a_large_photo_has_the_same_points():
    upright = only_face(np.asarray(photo()))
    large = photo().resize((4000, 4000), Image.Resampling.BICUBIC).crop((0, 0, 4000, 3000))
    assert rms(upright.points, only_face(np.asarray(large)).points * photo().width / 4000) < 0.03


def no_face_pictures() -> dict[str, NDArray[np.uint8]]:
    random = np.random.default_rng(0)
    found = {
        "noise": random.integers(0, 256, (400, 600, 3), np.uint8),
        "gray": np.full((400, 600, 3), 128, np.uint8),
        "one pixel": np.zeros((1, 1, 3), np.uint8),
        "a line": np.zeros((1, 5000, 3), np.uint8),
    }
    for name in (
        "brick",
        "grass",
        "gravel",
        "moon",
        "chelsea",
        "horse",
        "coffee",
        "clock",
        "colorwheel",
        "coins",
        "cell",
    ):
        picture = np.asarray(getattr(skimage.data, name)())
        if picture.dtype == bool:
            picture = picture.astype(np.uint8) * 255
        found[name] = np.ascontiguousarray(np.broadcast_to(np.atleast_3d(picture)[..., :3], (*picture.shape[:2], 3)))
    return found


@pytest.mark.parametrize("tiles", ["auto", 4])
def test_textures_and_animals_are_no_faces(tiles: str | int):
    counts = {name: len(facemask.detect_faces(picture, tiles=tiles)) for name, picture in no_face_pictures().items()}
    assert {name: count for name, count in counts.items() if count} == {}


@cache
def collage() -> tuple[NDArray[np.uint8], list[tuple[float, float]]]:
    """Forty copies of the sample's face at several sizes and tilts, and the middle of each."""
    random = np.random.default_rng(1)
    sheet = Image.new("RGB", (2400, 1800), (120, 130, 110))
    face = photo().crop((250, 150, 650, 600))
    middles = []
    for row in range(5):
        for column in range(8):
            width = int(random.integers(90, 280))
            copy = face.resize((width, width * 9 // 8), Image.Resampling.LANCZOS)
            copy = copy.rotate(
                random.uniform(-180, 180), Image.Resampling.BICUBIC, expand=True, fillcolor=(120, 130, 110)
            )
            x, y = column * 300 + 150, row * 360 + 180
            sheet.paste(copy, (x - copy.width // 2, y - copy.height // 2))
            middles.append((x, y))
    return np.asarray(sheet), middles


@pytest.mark.parametrize("options", [{}, {"tiles": 8}, {"min_size": 40}])
def test_every_face_of_a_collage_is_found_once(options: dict[str, int]):
    sheet, middles = collage()
    faces = facemask.detect_faces(sheet, **options)
    assert len(faces) == len(middles) == 40
    boxes = np.array([face.box for face in faces])
    centers = boxes[:, :2] + boxes[:, 2:] / 2
    for middle in middles:
        assert np.hypot(*(centers - middle).T).min() < 60
    sides = boxes[:, 2:].max(1)
    assert list(sides) == sorted(sides, reverse=True)


def test_options_limit_what_is_found():
    sheet, _ = collage()
    all_faces = facemask.detect_faces(sheet, tiles=8)
    largest = facemask.detect_faces(sheet, tiles=8, max_faces=3)
    assert len(largest) == 3
    large = facemask.detect_faces(sheet, min_size=150)
    assert 5 < len(large) < 40
    assert min(max(face.box[2:]) for face in large) >= 150
    lefts = np.array([face.box[0] for face in all_faces])
    assert all(np.abs(lefts - face.box[0]).min() < 9 for face in large)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"max_faces": 0}, "max_faces"),
        ({"max_faces": 129}, "max_faces"),
        ({"max_faces": 1.5}, "max_faces"),
        ({"min_size": 0}, "min_size"),
        ({"min_size": float("nan")}, "min_size"),
        ({"min_size": "large"}, "min_size"),
        ({"tiles": 3}, "tiles"),
        ({"tiles": 0}, "tiles"),
        ({"tiles": None}, "tiles"),
        ({"tiles": "all"}, "tiles"),
    ],
)
def test_options_out_of_range_are_named(options: dict[str, Any], field: str):
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.detect_faces(np.zeros((9, 9, 3), np.uint8), **options)
    assert (caught.value.code, caught.value.field) == ("option_invalid", field)


def test_threads_detect_at_once():
    image = np.asarray(photo().resize((300, 300)))
    expected = only_face(image).points
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: only_face(image).points, range(12)))
    assert all(np.array_equal(points, expected) for points in results)
