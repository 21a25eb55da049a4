"""`frame="image"`: every coordinate is a pixel of the photo, which is neither turned nor cut."""

import base64
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import facemask
import numpy as np
import pytest
import shapely
from facemask import Contour, FaceMask, _core, cli
from facemask.formats.protocol import group_rings
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask
from support import sample
from support.label_maps import label_maps, rasterize
from support.paths import SAMPLE_FILES
from support.synthetic_face import Face, to_crop_frame

LEVEL = np.array([(16, 16), (32, 16), (24, 26), (18, 34), (30, 34)], float)
EXACT: dict[str, Any] = {"crop": "none", "frame": "image", "min_area": 0, "tolerance": 0}


def from_geojson(mask: FaceMask) -> NDArray[np.uint8]:
    """Paint a GeoJSON document by pixel centers."""
    document = json.loads(json.dumps(mask.to_geojson()))
    width, height = document["facemask"]["size"]
    centers = np.stack(np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5), axis=-1).reshape(-1, 2)
    painted = np.zeros(width * height, np.uint8)
    for feature in document["features"]:
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        painted[shapely.contains_xy(shape, centers)] = feature["id"]
    return painted.reshape(height, width)


def from_coco(mask: FaceMask) -> NDArray[np.uint8]:
    dataset = mask.to_coco(segmentation="rle_compressed")
    [image] = dataset["images"]
    painted = np.zeros((image["height"], image["width"]), np.uint8)
    for annotation in dataset["annotations"]:
        pixels = coco_mask.decode(annotation["segmentation"]).astype(bool)
        assert annotation["area"] == pixels.sum()
        rows, columns = np.nonzero(pixels)
        left, top, width, height = annotation["bbox"]
        assert (left, top) == (columns.min(), rows.min())
        assert (left + width, top + height) == (columns.max() + 1, rows.max() + 1)
        painted[pixels] = annotation["category_id"]
    return painted


def assert_gives_back(mask: FaceMask, labels: NDArray[np.uint8]) -> None:
    assert mask.frame == "image"
    assert mask.size == labels.shape[::-1]
    np.testing.assert_array_equal(from_coco(mask), labels)
    np.testing.assert_array_equal(from_geojson(mask), labels)


@pytest.mark.parametrize("mirror", ["none", "pixels", "points"])
@pytest.mark.parametrize("angle", range(-165, 195, 15))
def test_the_label_map_comes_back_at_every_tilt(angle: int, mirror: str) -> None:
    face = Face(angle=angle, mirror=mirror, scale=1.1, size=(161, 150))
    mask = facemask.trace_face(face.labels, face.landmarks, **EXACT)
    assert abs((mask.roll_degrees - angle + 180) % 360 - 180) < 1e-6
    assert mask.mirrored is (mirror == "pixels")
    assert_gives_back(mask, face.labels)


@settings(max_examples=40)
@given(label_maps(), st.floats(-180, 180))
def test_any_map_comes_back_at_any_tilt(labels: NDArray[np.uint8], angle: float) -> None:
    turn = np.deg2rad(angle)
    points = (LEVEL - LEVEL.mean(axis=0)) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    mask = facemask.trace_face(labels, points + 8, label_scheme="custom", void="none", **EXACT)
    contours = facemask.find_contours(labels)
    assert set(mask.contours) == {str(label) for label in contours}
    for label, contour in contours.items():
        assert {ring.tobytes() for ring in mask.contours[str(label)].rings()} == {
            ring.tobytes() for ring in contour.rings()
        }
    if labels.any():
        assert_gives_back(mask, labels)


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientations(orientation: int, raw: bool) -> None:
    face = Face(angle=35, scale=1.1, size=(160, 150))
    stored, labels, points = face.photo, face.labels, face.landmarks
    if not raw:
        # What a viewer shows: Pillow turns the map, and the points with their pixels.
        labels = turned(labels, orientation)
        points = turned_points(points, orientation, (160, 150))
    file, png = io.BytesIO(), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(stored).save(file, "JPEG", exif=exif)
    Image.fromarray(labels).save(png, "PNG")
    options = _core.Options(landmarks_frame="raw" if raw else "oriented", **EXACT)
    core = _core.trace_bytes(file.getvalue(), png.getvalue(), points, options, _core.Limits())
    assert_gives_back(FaceMask(core), turned(face.labels, orientation))


def turned(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Apply an EXIF orientation."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    flips = {2: (1,), 3: (0, 1), 4: (0,), 6: (1,), 7: (0, 1), 8: (0,)}
    return np.ascontiguousarray(np.flip(pixels, flips.get(orientation, ())))


def turned_points(points: NDArray[np.float64], orientation: int, size: tuple[int, int]) -> NDArray[np.float64]:
    x, y = points.T
    (w, h) = size
    if orientation >= 5:
        x, y, w, h = y, x, h, w
    return np.stack([w - x if orientation in (2, 3, 6, 7) else x, h - y if orientation in (3, 4, 7, 8) else y], axis=1)


@pytest.mark.parametrize("options", [{}, {"tolerance": 3, "curve": "straight"}, {"tolerance": 0}, {"crop": "head"}])
@pytest.mark.parametrize("angle", [0, 25, 90, 180, -140])
def test_both_frames_hold_the_same_outlines(angle: float, options: dict[str, Any]) -> None:
    face = Face(angle=angle)
    crop = facemask.trace_face(face.labels, face.landmarks, **options)
    image = facemask.trace_face(face.labels, face.landmarks, frame="image", **options)
    assert (crop.frame, image.frame, image.size) == ("crop", "image", face.size)
    assert image.crop_from_image == crop.crop_from_image
    assert image.symmetry == crop.symmetry
    assert image.warnings == crop.warnings
    assert [region["name"] for region in image.regions] == [region["name"] for region in crop.regions]
    for name, contour in image.contours.items():
        moved = to_crop_frame(contour.points, image.crop_from_image)
        np.testing.assert_allclose(moved, crop.contours[name].points, rtol=0, atol=1e-9)
        np.testing.assert_array_equal(contour.curves, crop.contours[name].curves)
    for ours, theirs in zip(image.regions, crop.regions, strict=True):
        assert ours["area"] == pytest.approx(theirs["area"], abs=0.02)
        assert ours["perimeter"] == pytest.approx(theirs["perimeter"], abs=0.02)
        moved = to_crop_frame(np.array([ours["centroid"]]), image.crop_from_image)
        assert moved[0] == pytest.approx(theirs["centroid"], abs=0.02)
        parts = shapely.MultiPolygon(
            [(part[0], part[1:]) for part in group_rings(image.mask_contours[str(ours["id"])])]
        )
        assert parts.buffer(0.02).contains(shapely.Point(ours["label_point"]))


@pytest.mark.parametrize("angle", [0, 20, 133])
def test_a_cut_crop_is_cut_by_the_turned_box_and_neighbors_share_it(angle: float) -> None:
    face = Face(angle=angle, scale=4.0)
    points = 0.6 * (face.landmarks - np.array(face.size) / 2) + np.array(face.size) / 2
    mask = facemask.trace_face(face.labels, points, frame="image", landmark_scheme="arcface-5")
    upright = facemask.trace_face(face.labels, points, landmark_scheme="arcface-5")
    width, height = upright.size
    whole = facemask.trace_face(face.labels, points, frame="image", crop="none", landmark_scheme="arcface-5")
    kept = {p.tobytes() for contour in whole.contours.values() for p in contour.points}
    new = 0
    for contour in mask.contours.values():
        moved = to_crop_frame(contour.points, mask.crop_from_image)
        assert moved.min() > -1e-9
        assert (moved <= np.array([width, height]) + 1e-9).all()
        for point, place in zip(contour.points, moved, strict=True):
            if point.tobytes() not in kept:  # on the box: every other point is that of the outline before the cut
                assert min(*np.abs(place), abs(place[0] - width), abs(place[1] - height)) < 1e-9
                new += 1
    assert new > 8
    shapes = [to_shape(mask, region["id"]) for region in mask.regions]
    assert all(shape.is_valid for shape in shapes)
    # Neither gaps nor overlaps, also after rounding: the face fills its box but for the rounded cuts.
    assert shapely.union_all(shapes).area == pytest.approx(sum(shape.area for shape in shapes), abs=1e-3)
    assert sum(shape.area for shape in shapes) == pytest.approx(
        sum(region["area"] for region in upright.regions), rel=1e-4
    )


def to_shape(mask: FaceMask, region: int) -> shapely.MultiPolygon:
    return shapely.MultiPolygon([(part[0], part[1:]) for part in group_rings(mask.mask_contours[str(region)])])


def paint(mask: FaceMask, scale: float, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Paint the outlines into a label map whose pixels are `1 / scale` pixels of the photo."""
    contours = {int(key): Contour(contour.points * scale, contour.offsets) for key, contour in mask.contours.items()}
    return np.maximum(rasterize(contours, (shape[0], shape[1])), 0)


@pytest.mark.parametrize("scale", [0.5, 2.0])
def test_maps_of_other_sizes_are_measured_in_the_photo(scale: float) -> None:
    face = Face(angle=40, size=(480, 460))
    labels = face.labels_at((int(480 * scale), int(460 * scale)))
    mask = facemask.trace_face(labels, face.landmarks, image_size=face.size, **EXACT)
    assert mask.size == face.size
    np.testing.assert_array_equal(paint(mask, scale, labels.shape), labels)
    for region in mask.regions:
        pixels = np.count_nonzero(labels == region["id"]) / scale**2
        assert region["area"] == pytest.approx(pixels, rel=0.02)


def test_padding_and_void_are_no_part_of_the_photo() -> None:
    face = Face(angle=-30, size=(480, 320), scale=2.2)
    inner = face.labels_at((240, 160))
    inner[:, :7] = 255
    labels = np.full((240, 240), 3, np.uint8)
    labels[40:200] = inner
    mask = facemask.trace_face(labels, face.landmarks, image_size=face.size, map_fit="letterbox", **EXACT)
    assert mask.size == face.size
    assert [warning["code"] for warning in mask.warnings] == ["map_void_ignored"]
    np.testing.assert_array_equal(paint(mask, 0.5, inner.shape), np.where(inner == 255, 0, inner))


def test_the_drawing_shows_the_photo_unturned() -> None:
    face = Face(angle=30)
    mask = facemask.trace_face(
        face.labels, face.landmarks, frame="image", image=face.photo, embed_image="crop", style="numbered"
    )
    root = ET.fromstring(mask.svg)
    assert root.attrib["viewBox"] == f"0 0 {face.size[0]} {face.size[1]}"
    [picture] = root.iter("{http://www.w3.org/2000/svg}image")
    data = next(value for name, value in picture.attrib.items() if name.endswith("href")).partition("base64,")[2]
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))), float)
    assert shown.shape == face.photo.shape
    assert np.abs(shown - face.photo).mean() < 4
    # Numbers stand at the label points and stay upright.
    texts = list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert [text.text for text in texts] == [str(region["id"]) for region in mask.regions]
    assert not any("transform" in text.attrib for text in texts)


def test_exact_drawings_are_a_plain_scale_of_the_map() -> None:
    face = Face(angle=30)
    labels = face.labels_at((240, 235))
    mask = facemask.trace_face(labels, face.landmarks, image_size=face.size, frame="image", tolerance=0)
    assert '<g transform="matrix(2,0,0,2,0,0)">' in mask.svg


def test_a_wrong_frame_is_named() -> None:
    with pytest.raises(facemask.FacemaskError, match='frame: must be crop or image, got "photo"'):
        facemask.trace_face(sample.LABELS, sample.LANDMARKS, frame="photo")


def test_the_command_line_has_the_frame(tmp_path: Path) -> None:
    out = tmp_path / "face.geojson"
    files = [str(file) for file in SAMPLE_FILES]
    assert cli.main(["trace", *files, "--frame", "image", "--format", "geojson", "-o", str(out)]) == 0
    document = json.loads(out.read_text())
    assert document["facemask"]["frame"] == "image"
    with Image.open(files[0]) as photo:
        assert document["facemask"]["size"] == list(photo.size)
