"""What must hold for every curve that the library offers, on any map."""

import facemask
import numpy as np
import pytest
from borders import border, farthest
from figures.coverage import tiling
from figures.figure import curves
from hypothesis import given, settings
from hypothesis import strategies as st
from maps import Map, label_maps, rasterised
from scipy.ndimage import gaussian_filter, zoom


@pytest.mark.parametrize("curve", curves())
@settings(max_examples=60)
@given(labels=label_maps(), tolerance=st.sampled_from([0.0, 0.2, 0.5, 2.0]))
def test_any_map_is_tiled_by_valid_polygons(curve: str, labels: Map, tolerance: float):
    contours = facemask.find_contours(labels, curve=curve, tolerance=tolerance, background=True)
    assert tiling(list(contours.values()), labels) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9), 0, 0)


@pytest.mark.parametrize("curve", curves())
@settings(max_examples=60)
@given(labels=label_maps(), tolerance=st.sampled_from([0.0, 0.2, 0.5, 2.0]))
def test_outlines_are_within_the_tolerance_of_the_traced_border_both_ways(curve: str, labels: Map, tolerance: float):
    traced = facemask.find_contours(labels, background=True)
    contours = facemask.find_contours(labels, curve=curve, tolerance=tolerance, background=True)
    assert contours.keys() == traced.keys()
    # A smooth outline is within half a pixel of the map, however large the tolerance.
    most = tolerance if curve == "straight" else min(tolerance, 0.5)
    for label, contour in contours.items():
        assert farthest(border(contour), border(traced[label])) <= most + 1e-9
        assert farthest(border(traced[label]), border(contour)) <= most + 1e-9


@pytest.mark.parametrize("curve", curves())
@settings(max_examples=60)
@given(labels=label_maps(), tolerance=st.sampled_from([0.0, 0.5]))
def test_the_same_map_gives_the_same_points(curve: str, labels: Map, tolerance: float):
    first, second = (
        facemask.find_contours(labels.copy(), curve=curve, tolerance=tolerance, background=True) for _ in range(2)
    )
    assert {label: contour.points.tobytes() for label, contour in first.items()} == {
        label: contour.points.tobytes() for label, contour in second.items()
    }


@pytest.mark.parametrize("curve", curves())
@pytest.mark.parametrize("seed", range(40))
def test_blobs_are_tiled_and_no_pixel_changes_sides(curve: str, seed: int):
    """Borders as long, as round and as cornered as those of real maps, some enlarged by repeating rows and columns."""
    rng = np.random.default_rng(seed)
    height, width = rng.integers(20, 110, 2)
    noise = rng.normal(size=(int(rng.integers(2, 8)), height, width))
    labels = np.argmax([gaussian_filter(layer, rng.uniform(0.6, 6)) for layer in noise], axis=0).astype(np.uint8)
    if seed % 3 == 0:
        labels = np.ascontiguousarray(zoom(labels, rng.uniform(1.1, 2.5), order=0))
    contours = facemask.find_contours(labels, curve=curve, tolerance=0.5, background=True)
    assert tiling(list(contours.values()), labels) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9), 0, 0)
    assert np.array_equal(rasterised(contours, labels.shape), labels)


@pytest.mark.parametrize("left", [0.1, 0.25, 0.4, 0.6, 0.9])
@pytest.mark.parametrize("right", [0.15, 0.3, 0.5, 0.8, 1.1])
@pytest.mark.parametrize("curve", curves())
def test_a_corner_may_lie_anywhere_along_a_closed_border(curve: str, left: float, right: float):
    """The tip of a drop, on top and turned, lies shortly before or after the place where the walk begins."""
    y, x = np.mgrid[0:60, 0:120] + 0.5
    drop = (x > 60 - left * (y - 3)) & (x < 60 + right * (y - 3)) & (y > 3) & (y < 40)
    for turn in range(4):
        labels = np.ascontiguousarray(np.rot90(drop, turn).astype(np.uint8))
        contours = facemask.find_contours(labels, curve=curve, tolerance=0.5, background=True)
        assert np.array_equal(rasterised(contours, labels.shape), labels)
