"""Properties of every curve that the library offers, on any map."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from zlib import crc32

import facemask
import numpy as np
import pytest
from figures.coverage import tiling
from figures.curves import available_curves
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.boundary_distance import boundary, directed_hausdorff
from support.label_maps import LabelMap, label_maps, rasterize, smoothed_noise

# Dear examples: a part of what the profile says.
FEWER = settings(max_examples=settings().max_examples // 2)


@pytest.mark.parametrize("curve", available_curves())
@FEWER
@given(labels=label_maps(), tolerance=st.sampled_from([0.0, 0.2, 0.5, 2.0]))
def test_any_map_is_tiled_by_valid_polygons(curve: str, labels: LabelMap, tolerance: float):
    contours = facemask.find_contours(labels, curve=curve, tolerance=tolerance, background=True)
    assert tiling(list(contours.values()), labels) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9), 0, 0)


@pytest.mark.parametrize("curve", available_curves())
@FEWER
@given(labels=label_maps(), tolerance=st.sampled_from([0.0, 0.2, 0.5, 2.0]))
def test_outlines_are_within_the_tolerance_of_the_traced_border_both_ways(
    curve: str, labels: LabelMap, tolerance: float
):
    traced = facemask.find_contours(labels, background=True)
    contours = facemask.find_contours(labels, curve=curve, tolerance=tolerance, background=True)
    assert contours.keys() == traced.keys()
    # A smooth outline is within half a pixel of the map, however large the tolerance.
    most = tolerance if curve == "straight" else min(tolerance, 0.5)
    for label, contour in contours.items():
        assert directed_hausdorff(boundary(contour), boundary(traced[label])) <= most + 1e-9
        assert directed_hausdorff(boundary(traced[label]), boundary(contour)) <= most + 1e-9


@pytest.mark.parametrize("curve", available_curves())
@FEWER
@given(labels=label_maps(), tolerance=st.sampled_from([0.0, 0.5]))
def test_the_same_map_gives_the_same_points(curve: str, labels: LabelMap, tolerance: float):
    first, second = (
        facemask.find_contours(labels.copy(), curve=curve, tolerance=tolerance, background=True) for _ in range(2)
    )
    assert {label: contour.points.tobytes() for label, contour in first.items()} == {
        label: contour.points.tobytes() for label, contour in second.items()
    }


@pytest.mark.parametrize("curve", available_curves())
@pytest.mark.parametrize("seed", range(40))
def test_blobs_are_tiled_and_no_pixel_changes_sides(curve: str, seed: int):
    labels = smoothed_noise(seed, (20, 110), layers=8, smoothest=6.0)
    contours = facemask.find_contours(labels, curve=curve, tolerance=0.5, background=True)
    assert tiling(list(contours.values()), labels) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9), 0, 0)
    assert np.array_equal(rasterize(contours, labels.shape), labels)


@pytest.mark.parametrize("left", [0.1, 0.25, 0.4, 0.6, 0.9])
@pytest.mark.parametrize("right", [0.15, 0.3, 0.5, 0.8, 1.1])
@pytest.mark.parametrize("curve", available_curves())
def test_a_corner_may_lie_anywhere_along_a_closed_border(curve: str, left: float, right: float):
    """The tip of a drop, on top and turned, lies shortly before or after the place where the walk begins."""
    y, x = np.mgrid[0:60, 0:120] + 0.5
    drop = (x > 60 - left * (y - 3)) & (x < 60 + right * (y - 3)) & (y > 3) & (y < 40)
    for turn in range(4):
        labels = np.ascontiguousarray(np.rot90(drop, turn).astype(np.uint8))
        contours = facemask.find_contours(labels, curve=curve, tolerance=0.5, background=True)
        assert np.array_equal(rasterize(contours, labels.shape), labels)


def is_either(one: NDArray[np.float64], other: NDArray[np.float64], controls: NDArray[np.float64]) -> bool:
    return np.array_equal(controls, one) or np.array_equal(controls, other)


def drawn(contour: facemask.Contour, *, left_out: Callable[[NDArray[np.float64]], bool]) -> facemask.Contour:
    """Draw a contour finely by its curves, but for some, by the rule of `Contour`'s docstring."""
    t = np.linspace(0, 1, 200)[:, None]
    weights = np.hstack([(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3])
    curves = [
        (first, first + steps, controls)
        for (first, steps), controls in zip(contour.curves.tolist(), contour.controls, strict=True)
        if not left_out(controls)
    ]
    rings = []
    for start, end in pairwise(contour.offsets.tolist()):
        pieces, following = [], start
        for first, last, controls in (curve for curve in curves if start <= curve[0] < end):
            pieces += [contour.points[following : first + 1], weights @ controls]
            following = last
        rings.append(np.concatenate([*pieces, contour.points[following:end]]))
    return facemask.Contour(np.concatenate(rings), np.cumsum([0, *map(len, rings)]).astype(np.uint32))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("seed", range(12))
def test_any_of_the_curves_may_be_left_as_points(seed: int, share: float):
    """So it is with those that a crop box cuts: what is drawn instead loses no pixel either, and neighbours agree."""
    labels = smoothed_noise(seed, (60, 160), roughest=0.8)
    contours = facemask.find_contours(labels, curve="smooth", tolerance=0.5, background=True)
    count = sum(len(contour.curves) for contour in contours.values())
    assert count > 20

    def left_out(controls: NDArray[np.float64]) -> bool:
        # Both neighbours have it, in opposite directions.
        return crc32(np.sort(controls, axis=None).tobytes()) % 1000 < 1000 * share

    shown = {label: drawn(contour, left_out=left_out) for label, contour in contours.items()}
    assert np.array_equal(rasterize(shown, labels.shape), labels)
    area = sum(abs(contour.area) for contour in shown.values())
    assert area == pytest.approx(labels.size, rel=1e-9)
    if share == 1.0:
        assert all(np.array_equal(shown[label].points, contours[label].points) for label in contours)


# On each of these, eight of 30,000 maps, a line from joint to joint lost a pixel while nothing looked at it.
@pytest.mark.parametrize("seed", [14, 442, 853, 3053, 4580, 14419, 10013638, 10014067])
def test_a_curve_between_two_others_in_one_step_may_be_left_out(seed: int):
    """The line between its neighbours' ends is drawn instead; where that would lose a pixel, an end is a point."""
    labels = smoothed_noise(seed, (30, 160))
    contours = facemask.find_contours(labels, curve="smooth", tolerance=0.5, background=True)
    between = [
        contour.controls[i]
        for contour in contours.values()
        for i in range(1, len(contour.curves) - 1)
        if contour.curves[i, 1] == 1
        and contour.curves[i - 1].sum() == contour.curves[i, 0] + 1
        and contour.curves[i + 1, 0] == contour.curves[i, 0]
    ]
    for one in between:
        # Neighbours have it, in opposite directions.
        left_out = partial(is_either, one, one[::-1])
        shown = {label: drawn(contour, left_out=left_out) for label, contour in contours.items()}
        assert np.array_equal(rasterize(shown, labels.shape), labels)
