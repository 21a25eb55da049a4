"""A label map under any affine: the same contours, moved; no point is resampled."""

import math
from typing import Any

import facemask
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import label_maps
from support.synthetic_face import Face

FACE = Face(scale=0.5, size=(70, 66))
MAPS = {"a face": FACE.labels, **label_maps.EXAMPLES}
PHOTO = 4000
LANDMARKS = Face(scale=5, size=(PHOTO, PHOTO)).landmarks


@st.composite
def affines(draw: st.DrawFn) -> np.ndarray[Any, np.dtype[np.float64]]:
    """An affine that may turn, stretch, shear and mirror, as (2, 3). It keeps maps of 160 pixels inside the photo."""
    angle = draw(st.floats(-math.pi, math.pi))
    scale_x, scale_y = draw(st.floats(0.1, 3.0)), draw(st.floats(0.1, 3.0))
    shear = draw(st.sampled_from([0.0, 0.0, 0.5, -1.5]))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    linear = turn @ np.array([[scale_x * draw(st.sampled_from([1, -1])), shear], [0.0, scale_y]])
    return np.column_stack([linear, [PHOTO / 2, PHOTO / 2]])


def move(points: Any, affine: Any) -> Any:
    return points @ affine[:, :2].T + affine[:, 2]


def crop_affine(mask: facemask.FaceMask) -> Any:
    return np.reshape(mask.crop_from_image, (2, 3))


def sorted_points(points: Any) -> Any:
    return points[np.lexsort(points.round(6).T)]


@given(st.sampled_from(sorted(MAPS)), affines())
@settings(max_examples=60)
def test_contours_are_those_of_the_map_moved(name: str, affine: Any):
    labels = MAPS[name]
    options: dict[str, Any] = {"image_size": (PHOTO, PHOTO), "crop": "none", "tolerance": 0}
    mask = facemask.trace_face(labels, LANDMARKS, image_from_labels=affine.ravel(), **options)
    plain = facemask.find_contours(labels)
    factor = abs(np.linalg.det(affine[:, :2]))
    assert mask.contours.keys() == {str(label) for label in plain if label}
    for key, contour in mask.contours.items():
        expected = plain[int(key)]
        assert [len(ring) for ring in contour.rings()] == [len(ring) for ring in expected.rings()]
        moved = move(move(expected.points, affine), crop_affine(mask))
        # A mirrored ring runs the other way around, from the same point.
        for ring, start, end in zip(contour.rings(), expected.offsets, expected.offsets[1:], strict=False):
            wanted = moved[start:end]
            if np.linalg.det(affine[:, :2]) < 0:
                wanted = np.roll(wanted[::-1], 1, axis=0)
            assert np.abs(ring - wanted).max() < 1e-6
        assert contour.area == pytest.approx(expected.area * factor, rel=1e-9)
        assert [len(part) for part in contour.polygons()] == [len(part) for part in expected.polygons()]


@given(
    st.sampled_from(sorted(MAPS)),
    st.tuples(st.floats(-15, 500), st.floats(-15, 500), st.floats(20, 2000), st.floats(20, 2000)),
)
@settings(max_examples=40)
def test_a_box_scales_and_shifts_and_what_lies_beyond_the_photo_is_cut(name: str, box: Any):
    labels = MAPS[name]
    left, top, width, height = box
    options: dict[str, Any] = {"image_size": (PHOTO, PHOTO), "crop": "none", "tolerance": 0}
    mask = facemask.trace_face(labels, LANDMARKS, map_box=box, **options)
    scale = np.array([width / labels.shape[1], height / labels.shape[0]])
    plain = facemask.find_contours(labels)
    for key, contour in mask.contours.items():
        expected = plain[int(key)].points * scale + [left, top]
        back = (contour.points - crop_affine(mask)[:, 2]) @ crop_affine(mask)[:, :2]
        assert back.min() >= -1e-9
        if expected.min() > 1e-6:
            assert np.abs(sorted_points(back) - sorted_points(expected)).max() < 1e-5
    beyond = [label for label in plain if str(label) not in mask.contours]
    assert all((plain[label].points * scale + [left, top]).min(axis=0).min() < 1e-6 for label in beyond)


@given(affines(), st.integers(1, 40), st.integers(1, 40))
@settings(max_examples=40)
def test_min_area_counts_square_pixels_of_the_photo(affine: Any, columns: int, rows: int):
    labels = np.ones((60, 60), np.uint8)
    labels[10 : 10 + rows, 10 : 10 + columns] = 2
    area = rows * columns * abs(np.linalg.det(affine[:, :2]))
    options: dict[str, Any] = {"image_size": (PHOTO, PHOTO), "crop": "none", "label_scheme": "custom"}
    for min_area, is_kept in ((area * 0.999, True), (area * 1.001, False)):
        mask = facemask.trace_face(labels, LANDMARKS, image_from_labels=affine.ravel(), min_area=min_area, **options)
        assert ("2" in mask.contours) == is_kept


ODD_NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([0.0, 1e6, -1e6, 1e-7, 5e-324, 1e308, 10**400])
)


@given(
    st.one_of(st.none(), st.lists(ODD_NUMBERS, min_size=3, max_size=5)),
    st.one_of(st.none(), st.lists(ODD_NUMBERS, min_size=5, max_size=7)),
    st.sampled_from(["exact", "stretch", "letterbox", "letterbox-top-left", "center-crop"]),
    st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)),
)
def test_any_numbers_give_a_result_or_an_error_that_names_them(box: Any, affine: Any, fit: str, size: tuple[int, int]):
    extent: dict[str, Any] = {"map_box": box, "image_from_labels": affine, "map_fit": fit}
    try:
        mask = facemask.trace_face(FACE.labels, LANDMARKS, image_size=size, **extent)
    except facemask.FacemaskError as error:
        refused = error
    else:
        points = [contour.points.ravel() for contour in mask.contours.values()]
        assert np.isfinite(np.concatenate([np.zeros(1), *points])).all()
        return
    assert refused.field in ("map_box", "image_from_labels", "labels", "landmarks")
    assert refused.code in ("option_invalid", "map_aspect_mismatch", "landmarks_implausible", "crop_empty")
    assert len(refused.detail) < 500
