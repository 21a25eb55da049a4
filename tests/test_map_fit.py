"""Label maps of another shape than the photo: their contours come back onto the photo."""

import itertools
import json
import math
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import facemask
import numpy as np
import pytest
import shapely
from facemask.cli import main
from numpy.typing import NDArray
from PIL import Image
from support import sample
from support.map_fits import RECORDED, Recorded, preprocess
from support.synthetic_face import Face

FITS = ["stretch", "letterbox", "letterbox-top-left", "center-crop"]
POSES = list(itertools.product([0, 90, 180, 33], ["none", "pixels"]))
Affine = NDArray[np.float64]


def affine(numbers: Any) -> Affine:
    """Six numbers as a matrix of 3 x 3."""
    return np.vstack([np.reshape(np.asarray(numbers, float), (2, 3)), [0.0, 0.0, 1.0]])


def numbers(matrix: Affine) -> list[float]:
    """The six numbers of an affine matrix."""
    return [float(number) for number in matrix[:2].ravel()]


def move(points: NDArray[np.float64], matrix: Affine) -> NDArray[np.float64]:
    return points @ matrix[:2, :2].T + matrix[:2, 2]


def in_image(mask: facemask.FaceMask) -> dict[str, shapely.Geometry]:
    """The outlines as areas in the image frame."""
    back = np.linalg.inv(affine(mask.crop_from_image))
    areas = {}
    for key, contour in mask.contours.items():
        parts = [
            shapely.Polygon(move(part[0], back), [move(hole, back) for hole in part[1:]]) for part in contour.polygons()
        ]
        areas[key] = shapely.MultiPolygon(parts)
    return areas


def worst_distance(found: shapely.Geometry, exact: shapely.Geometry, within: shapely.Geometry) -> float:
    """How far the border of an area strays from that of another one, where the photo is seen."""
    inside = shapely.segmentize(found.boundary, 1.0).intersection(within)
    points = shapely.points(shapely.get_coordinates(inside))
    return float(shapely.distance(points, exact.boundary).max()) if len(points) else 0.0


def wide_copy(angle: float, mirror: str) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The sample, turned and mirrored, in a photo that is no square: label map and landmarks."""
    copy = sample.copy(angle, mirror)
    rows = slice(60, copy.labels.shape[0] - 250)
    return np.ascontiguousarray(copy.labels[rows]), copy.landmarks - [0, 60]


@pytest.mark.parametrize(("angle", "mirror"), POSES)
@pytest.mark.parametrize("fit", FITS)
def test_contours_lie_within_a_pixel_of_the_map_of_those_of_the_whole_map(fit: str, angle: float, mirror: str):
    labels, landmarks = wide_copy(angle, mirror)
    height, width = labels.shape
    options: dict[str, Any] = {"image_size": (width, height), "crop": "none", "tolerance": 0}
    exact = facemask.trace_face(labels, landmarks, **options)
    small = preprocess(labels, fit, 512, 512)
    mask = facemask.trace_face(small, landmarks, map_fit=fit, **options)
    assert (mask.size, mask.roll_degrees, mask.mirrored) == (exact.size, exact.roll_degrees, exact.mirrored)
    assert mask.crop_from_image == exact.crop_from_image
    assert mask.contours.keys() == exact.contours.keys()
    pixel = max(width, height) / 512
    # What a center crop cuts off is not to be found.
    side = np.array([min(width, height)] * 2 if fit == "center-crop" else [width, height])
    middle = np.array([width, height]) / 2
    seen = shapely.box(*(middle - side / 2), *(middle + side / 2)).buffer(-2)
    found, wanted = in_image(mask), in_image(exact)
    for key in wanted:
        assert worst_distance(found[key], wanted[key], seen) <= pixel + 1
        assert worst_distance(wanted[key], found[key], seen.buffer(-2)) <= 2 * pixel + 1


def rectangle(size: tuple[int, int], box: Any, inside: int, outside: int) -> NDArray[np.uint8]:
    labels = np.full(size[::-1], outside, np.uint8)
    left, top, width, height = box
    labels[top : top + height, left : left + width] = inside
    return labels


def trace_rectangle(record: Recorded, labels: NDArray[np.uint8], fit: str) -> facemask.FaceMask:
    points = Face().landmarks
    options: dict[str, Any] = {"image_size": record.photo, "crop": "none", "tolerance": 0, "label_scheme": "custom"}
    return facemask.trace_face(labels, points, landmark_units="pixel", map_fit=fit, **options)


@pytest.mark.parametrize("record", RECORDED, ids=lambda record: f"{record.photo}")
@pytest.mark.parametrize("fit", ["letterbox", "letterbox-top-left"])
def test_letterboxes_are_those_of_the_libraries(record: Recorded, fit: str):
    box = record.letterbox if fit == "letterbox" else (0, 0, *record.letterbox[2:])
    (photo,) = trace_rectangle(record, rectangle(record.map, box, 1, 0), fit).regions
    assert photo["bbox"] == [0, 0, *record.photo]
    # Padding is no part of the photo, whatever label it has.
    (photo,) = trace_rectangle(record, rectangle(record.map, box, 1, 9), fit).regions
    assert (photo["id"], photo["bbox"]) == (1, [0, 0, *record.photo])


@pytest.mark.parametrize("record", RECORDED, ids=lambda record: f"{record.photo}")
def test_a_center_crop_is_that_of_transformers_and_within_a_pixel_of_torchvision(record: Recorded):
    box = (10, 10, 12, 11)
    (region,) = trace_rectangle(record, rectangle(record.map, box, 1, 0), "center-crop").regions
    for (left, top, width, height), most in ((record.transformers, 0.0), (record.torchvision, 1.0)):
        scale = record.photo[0] / width, record.photo[1] / height
        expected = [(10 + left) * scale[0], (10 + top) * scale[1], (22 + left) * scale[0], (21 + top) * scale[1]]
        offsets = np.subtract(region["bbox"], expected)
        assert np.abs(offsets).max() <= most * max(scale) + 0.0051  # measures have two decimals


def test_a_map_of_the_right_shape_is_traced_alike_by_every_fit():
    labels = sample.resize_nearest(sample.LABELS, 300, 300)
    exact = facemask.trace_face(labels, sample.LANDMARKS, image_size=(900, 900))
    for fit in FITS:
        assert facemask.trace_face(labels, sample.LANDMARKS, image_size=(900, 900), map_fit=fit).svg == exact.svg
    boxed = facemask.trace_face(labels, sample.LANDMARKS, image_size=(900, 900), map_box=(0, 0, 900, 900))
    assert boxed.svg == exact.svg


@pytest.mark.parametrize("fit", ["letterbox", "letterbox-top-left"])
@pytest.mark.parametrize("padding", [0, 1, 10, 255])
def test_a_letterbox_has_the_result_of_its_map_without_padding(fit: str, padding: int):
    labels, landmarks = wide_copy(33, "none")
    height, width = labels.shape
    for swap in (False, True):
        shape = (384, 320) if swap else (320, 384)
        padded = preprocess(labels, fit, *shape, padding=padding)
        bare = sample.resize_nearest(labels, shape[0], round(height * shape[0] / width))
        options: dict[str, Any] = {"image_size": (width, height), "label_scheme": "lapa-11"}
        for more in ({}, {"regions": "zones"}, {"tolerance": 0, "crop": "head"}, {"min_area": 900, "crop": "none"}):
            found = facemask.trace_face(padded, landmarks, map_fit=fit, **options, **more)
            assert (
                found.to_dict() == facemask.trace_face(bare, landmarks, map_fit="stretch", **options, **more).to_dict()
            )


@pytest.mark.parametrize(("angle", "mirror"), POSES)
@pytest.mark.parametrize("fit", ["exact", *FITS])
def test_the_map_of_a_box_lies_in_the_box(fit: str, angle: float, mirror: str):
    copy = sample.copy(angle, mirror)
    first, last = copy.landmarks.min(axis=0) - 40, copy.landmarks.max(axis=0) + 30
    box = np.concatenate([first, last - first]).round()
    left, top, width, height = box.astype(int)
    cut = copy.labels[top : top + height, left : left + width]
    small = preprocess(cut, "stretch" if fit == "exact" else fit, 400, 400)
    options: dict[str, Any] = {"image_size": copy.photo.size, "crop": "none", "tolerance": 0, "label_scheme": "lapa-11"}
    mask = facemask.trace_face(small, copy.landmarks, map_fit=fit, map_box=box, **options)
    exact = facemask.trace_face(copy.labels, copy.landmarks, **options)
    seen = shapely.box(left, top, left + width, top + height).buffer(-3)
    if fit == "center-crop":
        middle = min(width, height) / 2
        seen = shapely.Point(left + width / 2, top + height / 2).buffer(middle, cap_style="square").buffer(-3)
    found, wanted = in_image(mask), in_image(exact)
    for key in ("6", "7", "9", "4", "5"):
        assert worst_distance(found[key], wanted[key], seen) <= max(width, height) / 400 + 1
        assert worst_distance(wanted[key], found[key], seen) <= 2 * max(width, height) / 400 + 1


@pytest.mark.parametrize(("angle", "mirror"), POSES)
def test_an_aligned_crop_of_opencv_comes_back_within_half_a_pixel(angle: float, mirror: str):
    """ArcFace's alignment: a similarity from the eyes, here at a third of the size and to 200 x 240 pixels."""
    copy = sample.copy(angle, mirror)
    eyes = [copy.landmarks[[33, 133]].mean(axis=0), copy.landmarks[[362, 263]].mean(axis=0)]
    if mirror != "none":
        eyes.reverse()
    (dx, dy), middle = eyes[1] - eyes[0], (eyes[0] + eyes[1]) / 2
    scale = 45 / math.hypot(dx, dy)
    turn = math.atan2(dy, dx)
    cos, sin = scale * math.cos(turn), scale * math.sin(turn)
    matrix = np.array([[cos, sin, 0.0], [-sin, cos, 0.0]])
    matrix[:, 2] = [100, 100] - matrix[:, :2] @ middle
    aligned = cv2.warpAffine(copy.labels, matrix, (200, 240), flags=cv2.INTER_NEAREST)
    # OpenCV's coordinates are those of pixel centers, facemask's those of pixel edges: half a pixel on both sides.
    a, b, c, d, e, f = cv2.invertAffineTransform(matrix).ravel()
    image_from_labels = [a, b, c + (1 - a - b) / 2, d, e, f + (1 - d - e) / 2]
    options: dict[str, Any] = {"image_size": copy.photo.size, "crop": "none", "tolerance": 0, "label_scheme": "lapa-11"}
    mask = facemask.trace_face(aligned, copy.landmarks, image_from_labels=image_from_labels, **options)
    exact = facemask.trace_face(copy.labels, copy.landmarks, **options)
    found, wanted = in_image(mask), in_image(exact)
    shifts = []
    for keys in ("6", "789"):
        pair = [shapely.union_all([areas[key] for key in keys]) for areas in (found, wanted)]
        assert worst_distance(*pair, shapely.box(0, 0, *copy.photo.size)) <= 0.75 / scale + 1
        shifts.append(np.subtract(*(shapely.get_coordinates(area.centroid)[0] for area in pair)))
    # Without the half pixels all would be off by (1 - a - b) / 2 and (1 - d - e) / 2, more than a pixel of the photo.
    assert np.hypot(*np.transpose(shifts)).max() < 0.6
    assert math.hypot((1 - a - b) / 2, (1 - d - e) / 2) > 1.0


def test_a_mirrored_crop_keeps_the_orientation_of_rings_and_says_that_it_is_mirrored():
    face = Face(angle=20)
    width = face.size[0]
    flipped = np.ascontiguousarray(face.labels[:, ::-1])
    options: dict[str, Any] = {"crop": "none", "image_size": face.size}
    for tolerance in (0.0, 0.5, 2.0):
        mask = facemask.trace_face(
            flipped, face.landmarks, image_from_labels=[-1, 0, width, 0, 1, 0], tolerance=tolerance, **options
        )
        exact = facemask.trace_face(face.labels, face.landmarks, tolerance=tolerance, **options)
        assert (mask.mirrored, mask.roll_degrees) == (exact.mirrored, exact.roll_degrees)
        found, wanted = in_image(mask), in_image(exact)
        for key, contour in mask.contours.items():
            assert contour.area == pytest.approx(exact.contours[key].area, rel=0.02)
            assert [region["holes"] for region in mask.regions] == [region["holes"] for region in exact.regions]
            assert found[key].is_valid
            assert found[key].hausdorff_distance(wanted[key]) <= 2 * tolerance + 1e-6
    # The labels alone cannot tell a mirrored face from swapped names.
    alone = facemask.trace_face(flipped, image_from_labels=[-1, 0, width, 0, 1, 0], **options)
    assert (alone.mirrored, round(alone.roll_degrees)) == (False, 20)
    assert facemask.trace_face(flipped, **options).mirrored


def test_no_region_leaves_the_photo_whatever_the_padding_and_the_canvas():
    labels, landmarks = wide_copy(33, "none")
    height, width = labels.shape
    small = preprocess(labels, "letterbox", 300, 300, padding=10)
    for crop in ("none", "head", "face"):
        options: dict[str, Any] = {"image_size": (width, height), "crop": crop, "label_scheme": "lapa-11"}
        mask = facemask.trace_face(small, landmarks, map_fit="letterbox", **options)
        photo = shapely.box(0, 0, width, height).buffer(1e-6)
        for area in in_image(mask).values():
            assert photo.contains(area)
        exact = facemask.trace_face(labels, landmarks, **options)
        assert np.abs(np.subtract(mask.size, exact.size)).max() <= 8


@pytest.mark.parametrize("fit", FITS)
def test_zones_symmetry_and_measures_are_those_of_the_whole_map(fit: str):
    labels, landmarks = wide_copy(33, "none")
    height, width = labels.shape
    for regions in ("zones", "labels"):
        options: dict[str, Any] = {"image_size": (width, height), "regions": regions, "crop": "face"}
        exact = facemask.trace_face(labels, landmarks, **options)
        mask = facemask.trace_face(preprocess(labels, fit, 600, 600), landmarks, map_fit=fit, **options)
        assert mask.crop_from_image == exact.crop_from_image
        assert mask.schemes["labels"] == exact.schemes["labels"] == "lapa-11"
        assert mask.warnings == exact.warnings
        assert [region["name"] for region in mask.regions] == [region["name"] for region in exact.regions]
        for found, wanted in zip(mask.regions, exact.regions, strict=True):
            if fit != "center-crop" or wanted["name"] in ("nose", "lips", "chin"):
                assert found["area"] == pytest.approx(wanted["area"], rel=0.06, abs=120)
                assert math.dist(found["centroid"], wanted["centroid"]) < 2.5
        for found, wanted in zip(mask.symmetry, exact.symmetry, strict=True):
            assert found["iou"] == pytest.approx(wanted["iou"], abs=0.12)


def test_exact_outlines_of_a_turned_map_are_drawn_where_they_are():
    """At tolerance 0 a drawing may be in the frame of the map: the matrix of its group has to bring it back."""
    face = Face(angle=20)
    turn = math.radians(35)
    for scale_y in (1.0, 1.6):
        cos, sin = 1.2 * math.cos(turn), 1.2 * math.sin(turn)
        matrix = affine([cos, -sin * scale_y, 80, sin, cos * scale_y, -140])
        y, x = np.mgrid[:420, :430] + 0.5
        at = np.floor(move(np.stack([x, y], axis=-1).reshape(-1, 2), matrix)).astype(int).clip(0, 469)
        labels = face.labels[at[:, 1], at[:, 0]].reshape(420, 430)
        options: dict[str, Any] = {"image_size": face.size, "image_from_labels": numbers(matrix), "style": "solid"}
        drawings = [facemask.trace_face(labels, face.landmarks, tolerance=t, **options) for t in (0, 0.001)]
        assert ('transform="matrix(' in drawings[0].svg) == (scale_y == 1.0)
        assert 'transform="matrix(' not in drawings[1].svg
        pixels = [np.asarray(Image.open(BytesIO(d.to_png())).convert("RGB")).astype(int) for d in drawings]
        assert np.abs(pixels[0] - pixels[1]).mean() < 0.5


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("extent", ["letterbox", "letterbox-top-left", "center-crop", "box", "affine"])
def test_the_raw_frame_is_the_stored_photo_in_every_orientation(extent: str, orientation: int, tmp_path: Path, capsys):
    """Map, box and affine belong to the stored photo there, so the odd row of padding turns with it."""
    face = Face(angle=10, scale=1.2, size=(223, 190))
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(face.photo).save(tmp_path / "photo.png", exif=exif)
    ways: dict[str, dict[str, Any]] = {
        "box": {"map_box": [31, 12, 150, 171]},
        "affine": {"image_from_labels": [1.1, 0.2, 10, -0.2, 1.1, 21.5]},
    }
    options = ways.get(extent, {"map_fit": extent})
    labels = preprocess(face.labels, extent if extent not in ways else "stretch", 128, 126)
    (tmp_path / "map.png").write_bytes(sample.encode_png(labels))
    (tmp_path / "points.json").write_text(json.dumps(face.landmarks.tolist()))
    out = tmp_path / "out.json"
    paths = [str(tmp_path / name) for name in ("photo.png", "map.png", "points.json")]
    flags = list(
        itertools.chain.from_iterable(
            [f"--{name.replace('_', '-')}", *(map(str, value) if isinstance(value, list) else [value])]
            for name, value in options.items()
        )
    )
    assert (
        main(
            [
                "trace",
                *paths,
                "--landmarks-frame",
                "raw",
                "--crop",
                "none",
                "--tolerance",
                "0",
                "--contours",
                str(out),
                *flags,
            ]
        )
        == 0
    )
    answer = json.loads(out.read_text())
    # The same in the stored frame, where no orientation is applied.
    stored = facemask.trace_face(labels, face.landmarks, image_size=face.size, crop="none", tolerance=0, **options)
    w, h = face.size
    turns = [
        [1, 0, 0, 0, 1, 0],
        [-1, 0, w, 0, 1, 0],
        [-1, 0, w, 0, -1, h],
        [1, 0, 0, 0, -1, h],
        [0, 1, 0, 1, 0, 0],
        [0, -1, h, 1, 0, 0],
        [0, -1, h, -1, 0, w],
        [0, 1, 0, -1, 0, w],
    ]
    image_from_stored = affine(turns[orientation - 1])
    back = np.linalg.inv(affine(answer["crop_from_image"]) @ image_from_stored)
    wanted = in_image(stored)
    assert answer["mirrored"] == (np.linalg.det(image_from_stored) < 0)
    for key, rings in answer["mask_contours"].items():
        border = wanted[key].boundary
        found = shapely.MultiLineString([shapely.LinearRing(move(np.array(ring), back)) for ring in rings])
        assert shapely.hausdorff_distance(found, border, densify=0.1) < 0.02


ERRORS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a fit nobody knows": ({"map_fit": "fill"}, "map_fit", 'letterbox-top-left or center-crop, got "fill"'),
    "a box of three": ({"map_box": [1, 2, 3]}, "map_box", "must be 4 numbers in one row, got [1, 2, 3]"),
    "a box of text": ({"map_box": "1234"}, "map_box", "must be 4 numbers in one row, got '1234'"),
    "a box with text": ({"map_box": [1, 2, 3, "4"]}, "map_box", "must be a number, got '4'"),
    "a box of nothing": ({"map_box": [1, 2, 0, 4]}, "map_box", "both sides must be above 0, got 0 and 4"),
    "a box without end": ({"map_box": [1, 2, math.inf, 4]}, "map_box", "number 3 is inf"),
    "a box beside the photo": ({"map_box": [480, 2, 30, 40]}, "map_box", "beside the photo of 480 x 470 pixels"),
    "a matrix": (
        {"image_from_labels": np.eye(3)[:2]},
        "image_from_labels",
        "6 numbers in one row, got an array of shape (2, 3)",
    ),
    "a matrix without inverse": (
        {"image_from_labels": [1, 1, 0, 1, 1, 0]},
        "image_from_labels",
        "in every direction, not 0.0 to 2.0",
    ),
    "a matrix that is not finite": (
        {"image_from_labels": [1, 0, math.nan, 0, 1, 0]},
        "image_from_labels",
        "number 3 is NaN",
    ),
    "a matrix and a fit": (
        {"image_from_labels": [1, 0, 0, 0, 1, 0], "map_fit": "stretch"},
        "image_from_labels",
        "map_fit and map_box must be left out",
    ),
    "a matrix and a box": (
        {"image_from_labels": [1, 0, 0, 0, 1, 0], "map_box": [0, 0, 1, 1]},
        "image_from_labels",
        "map_fit and map_box must be left out",
    ),
    "no size": ({"map_fit": "letterbox", "image_size": None}, "image_size", "is needed with map_fit"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_bad_extents_name_their_option(name: str):
    options, field, words = ERRORS[name]
    face = Face()
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(face.labels, face.landmarks, **{"image_size": face.size, **options})
    assert (caught.value.code, caught.value.field) == ("option_invalid", field)
    assert words in caught.value.detail


def test_a_map_without_the_photos_shape_is_told_what_would_explain_it():
    with pytest.raises(facemask.FacemaskError) as caught:
        facemask.trace_face(np.zeros((512, 512), np.uint8), Face().landmarks, image_size=(1200, 600))
    assert caught.value.code == "map_aspect_mismatch"
    for words in ('"stretch" if the whole photo was resized to 512 x 512', '"letterbox" if to 512 x 256', "1024 x 512"):
        assert words in caught.value.detail
