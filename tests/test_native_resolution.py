"""Label maps that were enlarged by the nearest pixel are traced at their own resolution, and no others are."""

import math
from collections.abc import Callable
from typing import Any

import cv2
import facemask
import numpy as np
import pytest
import skimage.transform
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from support import sample
from support.label_maps import label_maps, noise, voronoi

Map = NDArray[np.uint8]
FACTORS = (2, 3, 4, 1.5, 2.37)
# A map of a network's size, with borders in most rows and columns.
SMALL = np.ascontiguousarray(sample.LABELS[::4, ::4])


def size_by(labels: Map, factor: float, to_int: Callable[[float], int]) -> tuple[int, int]:
    """Size (width, height) of an enlarged map."""
    return to_int(labels.shape[1] * factor), to_int(labels.shape[0] * factor)


def opencv(flag: int) -> Callable[[Map, float], Map]:
    return lambda labels, factor: cv2.resize(labels, size_by(labels, factor, round), interpolation=flag)


def opencv_by_factor(flag: int) -> Callable[[Map, float], Map]:
    return lambda labels, factor: cv2.resize(labels, None, fx=factor, fy=factor, interpolation=flag)


def pillow(labels: Map, factor: float) -> Map:
    return np.array(Image.fromarray(labels).resize(size_by(labels, factor, round), Image.Resampling.NEAREST))


def scikit_image(labels: Map, factor: float) -> Map:
    shape = size_by(labels, factor, round)[::-1]
    options: dict[str, Any] = {"order": 0, "preserve_range": True, "anti_aliasing": False}
    return skimage.transform.resize(labels, shape, **options).astype(np.uint8)


def pytorch(offset: float, *, by_factor: bool) -> Callable[[Map, float], Map]:
    """`nearest` (offset 0) and `nearest-exact` (0.5) of PyTorch, by the formulas of its documentation, in float32."""

    def enlarge(labels: Map, factor: float) -> Map:
        def sources(size: int) -> NDArray[np.int64]:
            enlarged = math.floor(size * factor)
            scale = np.float32(1.0 / factor) if by_factor else np.float32(size) / np.float32(enlarged)
            found = np.floor((np.arange(enlarged, dtype=np.float32) + np.float32(offset)) * scale)
            return np.minimum(found.astype(np.int64), size - 1)

        return labels[np.ix_(sources(labels.shape[0]), sources(labels.shape[1]))]

    return enlarge


CONVENTIONS: dict[str, Callable[[Map, float], Map]] = {
    "OpenCV nearest": opencv(cv2.INTER_NEAREST),
    "OpenCV nearest by factor": opencv_by_factor(cv2.INTER_NEAREST),
    "OpenCV nearest exact": opencv(cv2.INTER_NEAREST_EXACT),
    "OpenCV nearest exact by factor": opencv_by_factor(cv2.INTER_NEAREST_EXACT),
    "Pillow": pillow,
    "scikit-image": scikit_image,
    "PyTorch nearest": pytorch(0.0, by_factor=False),
    "PyTorch nearest by factor": pytorch(0.0, by_factor=True),
    "PyTorch nearest exact": pytorch(0.5, by_factor=False),
    "PyTorch nearest exact by factor": pytorch(0.5, by_factor=True),
}


def trace(labels: Map, **options: Any) -> facemask.FaceMask:
    """Trace the sample's landmarks over a map of any size."""
    return facemask.trace_face(labels, sample.LANDMARKS, image_size=sample.LABELS.shape[::-1], **options)


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("convention", CONVENTIONS)
def test_a_map_enlarged_by_a_library_has_the_outlines_of_the_small_map(convention: str, factor: float):
    enlarged = CONVENTIONS[convention](SMALL, factor)
    found = facemask.find_contours(enlarged, tolerance=0.5, native_resolution="auto")
    assert found.native_resolution is not None
    assert found.native_resolution["size"] == list(SMALL.shape[::-1])
    scale = np.array(enlarged.shape[::-1]) / SMALL.shape[::-1]
    assert found.native_resolution["factor"] == pytest.approx(scale, abs=5e-4)
    expected = facemask.find_contours(SMALL, tolerance=0.5)
    assert found.keys() == expected.keys()
    for label, contour in expected.items():
        # The two axes may have factors that differ in the last digits, and then the smaller one counts.
        if scale[0] == scale[1]:
            assert np.array_equal(found[label].offsets, contour.offsets)
            assert np.allclose(found[label].points, contour.points * scale, atol=1e-9)
        assert found[label].area == pytest.approx(contour.area * scale.prod(), rel=0.02)


@pytest.mark.parametrize("style", ["smooth", "straight"])
def test_a_trace_of_an_enlarged_map_is_that_of_the_small_map(style: str):
    small = trace(SMALL, curve=style, native_resolution="off", tolerance=2.0)
    for factor in (2, 4):
        enlarged = np.kron(SMALL, np.ones((factor, factor), np.uint8))
        # The unit of the tolerance is the pixel of the small map, which is `4` pixels of the photo.
        found = trace(enlarged, curve=style, tolerance=2.0 / factor)
        assert found.native_resolution is not None
        assert found.native_resolution["anchor"] == ["center", "center"]
        assert found.native_resolution["shift"] == [0, 0]
        for key, contour in small.contours.items():
            assert found.contours[key].points == pytest.approx(contour.points, abs=1e-6)
        assert found.regions == small.regions
        off = trace(enlarged, curve=style, tolerance=2.0 / factor, native_resolution="off")
        assert off.native_resolution is None
        assert len(off.svg) > 1.5 * len(found.svg)


def test_tolerance_0_follows_the_pixels_that_were_given():
    enlarged = np.kron(SMALL, np.ones((3, 3), np.uint8))
    found = facemask.find_contours(enlarged, native_resolution="auto")
    assert found.native_resolution is None
    assert trace(enlarged, tolerance=0).native_resolution is None


def test_one_changed_pixel_is_not_lost():
    enlarged = np.kron(SMALL, np.ones((4, 4), np.uint8))
    enlarged[450, 450] ^= 1
    assert trace(enlarged).native_resolution is None


def test_padding_does_not_hide_an_enlargement():
    enlarged = np.kron(SMALL[30:-30], np.ones((2, 2), np.uint8))
    side = enlarged.shape[1]
    padding = (side - len(enlarged)) // 2
    padded = np.pad(enlarged, [(padding, padding), (0, 0)])
    points = sample.LANDMARKS - [0, 120]
    found = facemask.trace_face(padded, points, image_size=(900, 900 - 240), map_fit="letterbox")
    assert found.native_resolution is not None
    assert found.native_resolution["size"] == [SMALL.shape[1], SMALL.shape[0] - 60]


def test_the_shift_of_the_corner_rule_is_told():
    enlarged = cv2.resize(SMALL[:224, :224], None, fx=1.5, fy=2.5, interpolation=cv2.INTER_NEAREST)
    found = facemask.find_contours(enlarged, tolerance=0.5, native_resolution="auto").native_resolution
    assert found is not None
    assert found["anchor"] == ["corner", "corner"]
    assert found["shift"] == pytest.approx([0.25, 0.25], abs=0.01)


@given(label_maps(), st.integers(2, 5))
def test_small_maps_are_never_guessed(labels: Map, factor: int):
    """A map of few pixels proves nothing, and is traced as it is."""
    enlarged = np.kron(labels, np.ones((factor, factor), np.uint8))
    for given_map in (labels, enlarged):
        found = facemask.find_contours(given_map, tolerance=0.5, native_resolution="auto")
        expected = facemask.find_contours(given_map, tolerance=0.5)
        if found.native_resolution is None:
            assert all(np.array_equal(found[label].points, expected[label].points) for label in expected)
        else:
            assert given_map is enlarged
            assert max(found.native_resolution["factor"]) <= max(enlarged.shape)


def test_a_thousand_maps_that_were_not_enlarged_are_not_recognized():
    rng = np.random.default_rng(25)
    rows, columns = np.mgrid[:300, :300]
    for number in range(1000):
        kind = number % 4
        if kind == 0:
            side = int(rng.integers(20, 200))
            labels = voronoi(side, int(rng.integers(2, 12)), number)
        elif kind == 1:
            labels = noise(int(rng.integers(3, 80)), int(rng.integers(3, 80)), int(rng.integers(2, 9)), number)
        elif kind == 2:
            center, radius = rng.uniform(60, 240, 2), rng.uniform(3, 60)
            labels = (np.hypot(rows - center[0], columns - center[1]) < radius).astype(np.uint8)
        else:
            labels = np.zeros((300, 300), np.uint8)
            for label in range(1, 12):
                top, left, height, width = rng.integers(0, 200, 4)
                labels[top : top + height // 2 + 1, left : left + width // 2 + 1] = label
        found = facemask.find_contours(labels, tolerance=0.5, native_resolution="auto")
        assert found.native_resolution is None, (number, kind)
    for labels in (sample.LABELS, SMALL, np.rot90(sample.LABELS), sample.LABELS[:, ::-1], sample.LABELS[3:, 5:]):
        assert facemask.find_contours(labels, tolerance=0.5, native_resolution="auto").native_resolution is None


def test_an_unknown_value_is_refused():
    for call in (
        lambda: trace(SMALL, native_resolution="on"),
        lambda: facemask.find_contours(SMALL, native_resolution="on"),
    ):
        with pytest.raises(facemask.FacemaskError, match="auto"):
            call()
