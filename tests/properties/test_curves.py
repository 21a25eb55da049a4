"""What must hold for every curve that the library offers, on any map."""

import facemask
import pytest
from borders import border, farthest
from figures.coverage import tiling
from figures.figure import curves
from hypothesis import given, settings
from hypothesis import strategies as st
from maps import Map, label_maps


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
    # A smooth outline is within half a pixel of the border in x and in y, however exact it is.
    most = tolerance if curve == "straight" else max(tolerance, 0.5 * 2**0.5)
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
